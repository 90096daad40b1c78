"""Operators on what is no number: tuples, which work item by item, pairs, and constants such as None and strings."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from gpusim.numeric import pairs
from gpusim.numeric.casts import truth
from gpusim.numeric.dtypes import TypingError, Value

Binary = Callable[[Any, Any], Any]


def apply(name: str, operators: dict[str, Any], a: Any, b: Any) -> Any:
    """`operator.name(a, b)`, with the operators on numbers by name; raises TypingError where Numba has none."""
    if isinstance(a, pairs.BFloat162) or isinstance(b, pairs.BFloat162):
        return pairs.apply(name, operators, a, b)
    if isinstance(a, tuple) and isinstance(b, tuple):
        if name == "add":
            return a + b
        if name in ("eq", "ne"):
            return _equal(operators, a, b) if name == "eq" else ~_equal(operators, a, b)
        if name in ("lt", "le", "gt", "ge"):
            return _ordered(operators, name, a, b)
    elif name in ("eq", "ne") and (a is None or b is None):
        return np.bool_((a is b) is (name == "eq"))
    elif name in ("eq", "ne") and not any(isinstance(value, (tuple, np.ndarray, np.generic)) for value in (a, b)):
        return np.bool_((a == b) is (name == "eq"))
    raise TypingError(f"Numba has no {name} of {type(a).__name__} and {type(b).__name__}")


def _equal(operators: dict[str, Any], a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
    if len(a) != len(b):
        return np.bool_(False)
    return reduce(np.logical_and, map(operators["eq"], a, b), np.bool_(True))


def _ordered(operators: dict[str, Any], name: str, a: tuple[Any, ...], b: tuple[Any, ...]) -> Value:
    """The first items that differ decide, and the lengths if none do."""
    lengths = {"lt": len(a) < len(b), "le": len(a) <= len(b), "gt": len(a) > len(b), "ge": len(a) >= len(b)}
    result: Value = np.bool_(lengths[name])
    for x, y in reversed(list(zip(a, b, strict=False))):
        differ = truth(operators["ne"](x, y))
        result = np.where(differ, operators[name](x, y), result)[()]
    return result
