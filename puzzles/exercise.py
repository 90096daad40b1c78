"""What every puzzle has, whatever its learner writes: a place in the course, words, hints, a question, and a hole.

There are two kinds: kernels for a GPU (`puzzles.spec.Puzzle`) and programs for attention (`puzzles.program`). What
differs between them is one implementation a kind: words (`puzzles.describe`), picture (`puzzles.picture`), check
(`puzzles.check`).
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence

from puzzles.defect import Defect
from puzzles.prediction import Prediction


class Exercise(ABC):
    """A puzzle that is declared in the module of this name.

    The module's docstring is the title (first line) and the task (the rest). `hints` are three or four, each stronger
    than the one before; `prediction` is the question before the code. With a `defect`, the learner's file has no
    hole, but that mistake: its lines are the question, and have to be named.
    """

    module: str
    hints: tuple[str, ...]
    prediction: Prediction | None
    defect: Defect | None = None

    @property
    def id(self) -> str:
        """The name used on the command line and in `PUZZLE = "..."`, such as `gemm-naive-3x3`."""
        return self.module.rpartition(".")[2].replace("_", "-")

    @property
    def title(self) -> str:
        """The first line of the module's docstring, without its full stop."""
        return (sys.modules[self.module].__doc__ or "").strip().partition("\n")[0].rstrip(".")

    @property
    def task(self) -> str:
        """The module's docstring below its first line."""
        return (sys.modules[self.module].__doc__ or "").strip().partition("\n")[2].strip()

    def _repr_html_(self) -> str:
        """In a notebook: task, picture, question and hints."""
        from puzzles.view.puzzle import puzzle_html  # draws, and so loads the simulator

        return puzzle_html(self)

    @property
    @abstractmethod
    def goals(self) -> tuple[str, ...]:
        """The names of the module that the learner's file is about; what they use comes along."""

    @abstractmethod
    def emptied(self, cut: Sequence[str]) -> str:
        """What stands in place of a hole's lines."""
