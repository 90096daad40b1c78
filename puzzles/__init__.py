"""A course of GPU kernels with a hole in each: a specification, limits on reads, hints, and a strict checker.

- `puzzles.catalog`: the puzzles, one module each, in the order of the course.
- `puzzles.check`: runs a learner's kernel on the simulator and says what is wrong with it.
- `puzzles.cli`: the command line, `python -m puzzles`.
- `puzzles.notebook`: the course in notebooks; `%load_ext puzzles` adds `%%puzzle ID`.
"""

from typing import Any


def load_ipython_extension(shell: Any) -> None:
    """`%load_ext puzzles`"""
    from puzzles.notebook import magics  # loads the simulator

    magics.load_ipython_extension(shell)
