"""`python -m puzzles`: see `puzzles.cli`."""

import sys

from puzzles.cli import main

if __name__ == "__main__":
    sys.exit(main())
