"""Formulas over the names of a size: shapes, limits and par are written as the learner reads them."""

from __future__ import annotations

from math import ceil

Size = dict[str, int]


def evaluate(formula: str, size: Size) -> int:
    """The value of a formula over the names of a size, with `ceil`, `min`, `max`, `sum` and `range`."""
    functions = {"ceil": ceil, "min": min, "max": max, "sum": sum, "range": range}
    return int(eval(formula, {"__builtins__": {}, **functions, **size}))
