"""What one launch left behind: all that the judge gets to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Outcome:
    """`arrays`: the array arguments after the launch, by the puzzle's parameter names.

    `counts` are the totals of the run, `busiest` the same for the thread with the most (both by space
    and counter), `writes` the counted stores and atomics of each array parameter, `findings` dicts as
    in a run's JSON. A launch that ended early has `error`, one sentence, and often the line.
    """

    arrays: dict[str, Any] = field(default_factory=dict)
    counts: dict[str, Any] = field(default_factory=dict)
    busiest: dict[str, dict[str, int]] = field(default_factory=dict)
    writes: dict[str, int] = field(default_factory=dict)
    findings: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""
    error_line: int | None = None
