"""Places in the source of a kernel."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """A place in the source that touches memory, branches or synchronises."""

    kernel: str
    file: str
    line: int
    text: str
