"""The picture of a puzzle: one block of its solution, as the simulator saw it."""

from __future__ import annotations

from typing import Any

import gpusim
from puzzles.check.cases import cases
from puzzles.spec import Puzzle


def picture(puzzle: Puzzle, kernel: Any = None) -> str:
    """SVG text: the threads of block 0, the cells they read and wrote, and the stages between barriers.

    Shows the solution, or any other `kernel` for the puzzle, at the first listed size. Raises GpusimError
    without the drawing library.
    """
    from gpusim import view

    case = next(cases(puzzle, seed=0))
    launch = puzzle.launch(case.size)
    run = gpusim.simulate(kernel or puzzle.kernel, trace=True)[launch.grid, launch.block](*case.arguments.values())
    return view.draw(run, title=puzzle.title).svg
