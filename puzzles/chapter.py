"""A chapter of the course: a title, what it is about, and its puzzles in order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Chapter:
    """`modules` are the names of the puzzles' modules in the chapter's package, in order."""

    title: str
    about: str
    modules: tuple[str, ...]

    @property
    def ids(self) -> list[str]:
        """The puzzles' ids, in order."""
        return [module.replace("_", "-") for module in self.modules]
