"""What one case left behind: all that the judge gets to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

SERIOUS = ("error", "warning")
"""Severities of findings that refuse a kernel: what is wrong on a GPU, or on some GPU or some day."""


@dataclass
class Outcome:
    """`arrays`: the array arguments after the launches, by the puzzle's parameter names.

    `counters` are the totals and parts that limits can be about (`puzzles.check.counters`), `writes` the bytes that
    stores and atomics wrote to each array parameter, `findings` dicts as in a run's JSON. A launch that ended early has
    `error`, one sentence, and often the line. After a launch with serious findings there are no further ones, which
    would compute with its numbers: the counter "launches" says how many were made.
    """

    arrays: dict[str, Any] = field(default_factory=dict)
    counters: dict[str, int] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    error_line: int | None = None
