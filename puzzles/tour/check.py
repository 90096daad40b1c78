"""Claims of the tour, each with whether it held in this run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """`claim` is a sentence that says what was compared with what, with both values."""

    claim: str
    holds: bool
