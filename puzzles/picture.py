"""The picture of a puzzle: one block of its solution, as the simulator saw it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gpusim
from gpusim import view
from puzzles.check.cases import cases
from puzzles.spec import Puzzle


def picture(puzzle: Puzzle, kernels: Mapping[str, Any] | None = None) -> str:
    """SVG text: the threads of block 0, the cells they read and wrote, and the stages between barriers.

    Shows the first launch of the solution, or of other `kernels` for the puzzle by name, at the first listed size.
    Raises GpusimError without the drawing library.
    """
    case = next(cases(puzzle, seed=0))
    launch, kernels = case.launches[0], kernels or puzzle.kernels
    values = [case.arguments[name] if isinstance(name, str) else name for name in launch.arguments or ()]
    simulator = gpusim.simulate(kernels[launch.kernel], trace=True)
    run = simulator[launch.grid, launch.block, 0, launch.shared](*values)
    return view.draw(run, title=puzzle.title).svg
