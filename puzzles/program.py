"""What a puzzle for a program is: attention written in RASP, judged by its outputs and by the layers that it takes.

The words of such programs are those of `lm.rasp`; a learner's file is read by `lm.rasp.source`, which executes no
Python.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lm.rasp.language import Value
from puzzles.exercise import Exercise
from puzzles.prediction import Prediction

OUTPUT = "output"
"""The name of a program's result."""

Reference = Callable[[list[str]], Sequence[Value]]
Draw = Callable[[random.Random], list[str]]


@dataclass(frozen=True)
class ProgramPuzzle(Exercise):
    """A task for a program, which gives every position a value.

    The module named by `module` holds the solution as assignments, the last of them to `output`.

    - `vocabulary`: the tokens of inputs, a character each; `example`: an input for the task, the question and the
    picture.
    - `reference`: the right value at each position, in plain Python; None is nothing.
    - `par`: the layers of the solution, compiled for inputs of up to `length` tokens; `most`: how many may be needed.
    - `draw`: draws an input; left out, any sequence of tokens is one.

    Raises ValueError where no program could be at par.
    """

    module: str
    vocabulary: str
    example: str
    reference: Reference
    par: int
    most: int
    hints: tuple[str, ...]
    prediction: Prediction | None = None
    draw: Draw | None = None
    length: int = 6

    def __post_init__(self) -> None:
        if not 1 <= self.par <= self.most:
            raise ValueError(f"{self.module}: par is {self.par} layers, which is not from 1 to {self.most}")

    @property
    def goals(self) -> tuple[str, ...]:
        return (OUTPUT,)

    def emptied(self, cut: Sequence[str]) -> str:
        """The name that the last line of the hole gives a value to, without one."""
        last = ast.parse("\n".join(cut)).body[-1]
        assert isinstance(last, ast.Assign)
        return f"{ast.unparse(last.targets[0])} = ..."
