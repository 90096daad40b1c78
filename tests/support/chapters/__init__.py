"""What the tests know about each puzzle, one module a chapter: a counterpart in torch, and mistakes that must fail.

- `TORCH`: puzzle id -> a function of the drawn arguments by position, tensors in float64, that returns the outputs.
- `MISTAKES`: at least four a puzzle, as edits of the solution.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from puzzles import catalog


@dataclass(frozen=True)
class Mistake:
    """A wrong, racy or slow version of a solution, and why it must be refused.

    `edits` replace text of the solution's file. One of the reasons has this `kind` (`puzzles.verdict.Reason`) and
    `words` in its message or advice; with `at`, its line in the edited file contains this text.
    """

    puzzle: str
    edits: tuple[tuple[str, str], ...]
    kind: str
    words: str = ""
    at: str = ""


def every(name):
    """The values of this name in the modules of all chapters, in order; a chapter without puzzles has no module."""
    found = []
    for chapter in catalog.CHAPTERS:
        try:
            found.append(getattr(import_module(f"{__name__}.{chapter}"), name))
        except ModuleNotFoundError as missing:
            if missing.name != f"{__name__}.{chapter}":
                raise
    return found
