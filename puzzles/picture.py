"""The picture of a puzzle: one block of its solution, as the simulator saw it, or what each head of it looks at."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from functools import singledispatch
from typing import Any

import numpy as np

import gpusim
from gpusim import view
from lm.rasp.compiler import compile_program
from lm.rasp.programs import Program
from puzzles.check.cases import cases
from puzzles.exercise import Exercise
from puzzles.program import OUTPUT, ProgramPuzzle
from puzzles.spec import Puzzle


@singledispatch
def picture(puzzle: Exercise, kernels: Mapping[str, Any] | None = None) -> str:
    """SVG text. Raises GpusimError without the drawing library."""
    raise TypeError(f"no picture of a {type(puzzle).__name__}")


@picture.register
def _(puzzle: Puzzle, kernels: Mapping[str, Any] | None = None) -> str:
    """The threads of one block, the cells they read and wrote, and the stages between barriers.

    Shows the first launch of the solution, or of other `kernels` for the puzzle by name, at the first listed size; of
    its blocks the one with a finding, else the first that touches every array that any block touches.
    """
    case = next(cases(puzzle, seed=0))
    launch, kernels = case.launches[0], kernels or puzzle.kernels
    values = [case.arguments[name] if isinstance(name, str) else name for name in launch.arguments or ()]
    simulator = gpusim.simulate(kernels[launch.kernel], trace=True)
    run = simulator[launch.grid, launch.block, 0, launch.shared](*values)
    return view.draw(run, None if run.findings else _fullest_block(run), title=puzzle.title).svg


def _fullest_block(run: gpusim.Run) -> int:
    """The first block among those that touch the most arrays: the last one to finish may do what no other does."""
    touched: dict[int, set[str]] = {}
    for event in run.trace or ():
        for block in np.unique(event.block):
            touched.setdefault(int(block), set()).add(event.array)
    return min(touched, key=lambda block: (-len(touched[block]), block), default=0)


@picture.register
def _(puzzle: ProgramPuzzle, kernels: None = None) -> str:
    """The attention of each head of the solution, compiled, for the puzzle's example."""
    from lm.rasp.view.program import draw_attention  # needs chalk

    tokens = list(puzzle.example)
    output = vars(sys.modules[puzzle.module])[OUTPUT]
    program = Program(puzzle.title, "", output, puzzle.example, tuple(puzzle.vocabulary), length=len(tokens))
    return draw_attention(compile_program(program), tokens).svg
