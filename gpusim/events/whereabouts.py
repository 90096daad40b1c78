"""Where a thread is that is not here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Whereabouts:
    """`kind` is "returned", "branch", "loop" or "unknown"; `said` goes after "thread (1, 0, 0)"."""

    kind: str
    said: str
    line: int | None = None


Search = Callable[[int], Whereabouts]
"""Finds out how a lane of the chunk left the active lanes; only asked when something is reported."""
