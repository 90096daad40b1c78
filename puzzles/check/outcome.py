"""What one case left behind: all that the judge gets to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """`arrays`: the array arguments after the launches, by the puzzle's parameter names.

    `counters` are the totals and parts that limits can be about (`puzzles.check.counters`), `writes` the bytes that
    stores and atomics wrote to each array parameter, `findings` dicts as in a run's JSON. A launch that ended early has
    `error`, one sentence, and often the line.
    """

    arrays: dict[str, Any] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    error_line: int | None = None
