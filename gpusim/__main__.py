"""The command line: `python -m gpusim run | compile | info`."""

from __future__ import annotations

import sys

from gpusim.cli import Command, Program

PROGRAM = Program(
    "gpusim",
    "A simulated GPU for numba.cuda programs.",
    (
        Command("run", "gpusim.commands.run", "run a program that uses numba.cuda as if a GPU were there"),
        Command("compile", "gpusim.commands.compile", "compile a kernel for a GPU that need not be here"),
        Command("info", "gpusim.commands.info", "versions, the GPU of this machine, and limits"),
    ),
)


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
    return PROGRAM.main(argv)


if __name__ == "__main__":
    sys.exit(main())
