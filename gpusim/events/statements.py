"""Statements: straight-line ones together, for counting; and each by itself, for whoever follows a program."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Straight-line statements that the same lanes execute one after the other.

    `instructions` has one entry (line, number of operators, calls and accesses) for every line.
    """

    file: str
    instructions: tuple[tuple[int, int], ...]


@dataclass(frozen=True, eq=False, slots=True)
class Statement:
    """One statement of a function, on lines `line` to `last`; of an `if` or a loop its first lines only, with the test.

    The start of a function is one, too: its arguments are assigned there.
    """

    function: str
    file: str
    line: int
    last: int
