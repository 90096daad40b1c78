"""A question before the code: what will the kernel read, and where? Checked, measured and explained."""

from __future__ import annotations

import re
from dataclasses import dataclass

Cells = tuple[tuple[int, ...], ...]
Answer = int | str | Cells


@dataclass(frozen=True)
class Prediction:
    """One question about the puzzle's first size.

    `answer` is a whole number ("how many global reads?"), a tuple of index tuples ("which cells of a does thread
    (1, 0) read?": `((0, 1), (1, 1))`, in any order), or one of the words in `choices`. `why` explains it in a
    sentence or two, and is shown with the verdict on the answer.

    `measured` says how the tests measure the answer on the solution, so that it cannot be wrong: the name of a
    counter (`puzzles.limits`), or "cells of a by (1, 0)": the cells of parameter a that this thread (x, y) of
    block 0 reads or writes. A question about the naive kernel, or with choices, has none.
    """

    question: str
    answer: Answer
    why: str
    measured: str = ""
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.answer, str) and self.answer not in self.choices:
            raise ValueError(f"the answer {self.answer!r} is not among the choices {self.choices}")

    def is_right(self, given: str) -> bool:
        """Whether an answer, as somebody typed it, is the right one: layout and order of cells do not matter."""
        if isinstance(self.answer, int):
            return _numbers(given) == [self.answer]
        if isinstance(self.answer, str):
            return given.strip().strip("\"'").casefold() == self.answer.casefold()
        width = len(self.answer[0])
        flat = _numbers(given)
        cells = [tuple(flat[first : first + width]) for first in range(0, len(flat), width)]
        return sorted(cells) == sorted(self.answer)

    @property
    def shown(self) -> str:
        """The answer for people: `54`, `rows`, `(0, 1), (1, 1)`, `31, 40`."""
        if isinstance(self.answer, int | str):
            return str(self.answer)
        return ", ".join(str(cell) if len(cell) > 1 else str(cell[0]) for cell in self.answer)

    @property
    def written(self) -> str:
        """The answer as one writes it into a file: Python for `shown`."""
        return repr(self.answer) if isinstance(self.answer, str) else self.shown

    @property
    def form(self) -> str:
        """What an answer looks like, in words."""
        if isinstance(self.answer, int):
            return "a whole number"
        if isinstance(self.answer, str):
            return f"one of {', '.join(self.choices)}"
        return "cells such as " + ("(0, 0), (2, 1)" if len(self.answer[0]) == 2 else "0, 3, 4")


def _numbers(text: str) -> list[int]:
    """All whole numbers of a text, in order; a number may be written as 2_048."""
    return [int(digits) for digits in re.findall(r"-?\d+(?:_\d{3})*", text)]
