"""Two bfloat16 in one 32-bit word, `nv_bfloat162`, and Python's operators on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from gpusim.numeric.dtypes import TypingError, Value

_PARTWISE = ("add", "sub", "mul", "truediv", "neg", "pos")
_COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


class BFloat162(NamedTuple):
    """The low half x and the high half y, bfloat16."""

    x: Value
    y: Value


def apply(name: str, operators: Mapping[str, Callable[..., Any]], *pairs: BFloat162) -> Any:
    """`operator.name(*pairs)`: arithmetic in each half; a comparison is true if it holds in both.

    `operators` are those on numbers by name. Raises TypingError for an operator that pairs do not have.
    """
    if name not in (*_PARTWISE, *_COMPARISONS) or not all(isinstance(pair, BFloat162) for pair in pairs):
        raise TypingError(f"numba-cuda has no {name} of nv_bfloat162")
    low, high = (operators[name](*halves) for halves in zip(*pairs, strict=True))
    return low & high if name in _COMPARISONS else BFloat162(low, high)
