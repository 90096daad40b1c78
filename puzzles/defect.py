"""A mistake that a learner's file starts with, in place of a hole: declared as what has to be written differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

QUESTION = (
    "Which lines of this file make it wrong? For a race, the two that need something between them; otherwise the one "
    "that has to change."
)


@dataclass(frozen=True)
class Defect:
    """`edits` make the solution wrong: (text of the solution, text in its place), each once in the solution's code.

    `lines` are what the learner has to name, each by a text that stands in one line of the wrong code only. `why` tells
    what happens, and is shown with the verdict on the answer; `symptom` is a part of the checker's first reason.
    """

    edits: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
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
        found = []
        for part in self.lines:
            places = [number for number, line in enumerate(text, 1) if part in line]
            if len(places) != 1:
                raise ValueError(f"{part!r} stands in the lines {places}, not in one")
            found += places
        return tuple(found)
