"""A mistake that a learner's file starts with, in place of a hole: declared as what has to be written differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

QUESTION = (
    "Which two lines of this file make it wrong together? Of a race, its two accesses; of a barrier or a shuffle that "
    "some threads miss, it and the line that keeps them away; of a wrong value, where it is written and where read."
)


@dataclass(frozen=True)
class Defect:
    """`edits` make the solution wrong: (text of the solution, text in its place), each once in the solution's code.

    `lines` are what the learner has to name: two whole lines of the wrong code, each there once. `why` tells what
    happens, and is shown with the verdict on the answer; `symptom` is a part of the checker's first reason.
    """

    edits: tuple[tuple[str, str], ...]
    lines: tuple[str, str]
    why: str
    symptom: str

    def planted(self, code: Sequence[str]) -> list[str]:
        """The wrong code. Raises ValueError where an edit does not fit once."""
        text = "\n".join(code)
        for old, new in self.edits:
            if text.count(old) != 1:
                raise ValueError(f"{old!r} stands {text.count(old)} times in the solution, not once")
            text = text.replace(old, new)
        return text.split("\n")

    def numbers(self, file: str) -> tuple[int, ...]:
        """The numbers, from 1, of the lines to name in a file with the defect. Raises ValueError for an unclear one."""
        text = file.splitlines()
        for line in self.lines:
            if text.count(line) != 1:
                raise ValueError(f"{line!r} stands {text.count(line)} times in the file, not once")
        return tuple(text.index(line) + 1 for line in self.lines)
