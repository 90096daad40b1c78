"""Straight-line statements."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Straight-line statements that the same lanes execute one after the other.

    `instructions` has one entry (line, number of operators, calls and accesses) for every line.
    """

    file: str
    instructions: tuple[tuple[int, int], ...]
