"""Choosing an implementation by the types of its operands, once for each combination."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric.dtypes import Value, canonical

Function = Callable[..., Any]

_COMPOUND = (tuple, str, bytes, type(None), np.dtype)


class Dispatch(dict[Any, Function]):
    """Implementations by dtype, or by tuple of dtypes; `make(*dtypes)` makes one at the first use of its key.

    A dictionary with `__missing__`, because a lookup is all that most operations of a launch should pay.
    """

    def __init__(self, make: Callable[..., Function]) -> None:
        self.make = make

    def __missing__(self, key: np.dtype | tuple[np.dtype, ...]) -> Function:
        dtypes = key if isinstance(key, tuple) else (key,)
        implementation = self.make(*map(canonical, dtypes))
        self[key] = implementation
        return implementation


def unary(make: Callable[[np.dtype], Function], otherwise: Function | None = None) -> Callable[[Value], Any]:
    """The function of one value whose implementation for a dtype is `make(dtype)`.

    `otherwise` computes it for operands that have no dtype, such as tuples.
    """
    implementations = Dispatch(make)

    def apply(a: Value) -> Any:
        if otherwise is not None and isinstance(a, _COMPOUND):
            return otherwise(a)
        return implementations[a.dtype](a)

    return apply


def binary(
    make: Callable[[np.dtype, np.dtype], Function], otherwise: Function | None = None
) -> Callable[[Value, Value], Any]:
    """The function of two values whose implementation for two dtypes is `make(dtype, dtype)`.

    `otherwise` computes it for operands that have no dtype, such as tuples.
    """
    implementations = Dispatch(make)

    def apply(a: Value, b: Value) -> Any:
        try:
            implementation = implementations[a.dtype, b.dtype]
        except AttributeError:
            missing = a is None or b is None
            if otherwise is None or not (missing or all(isinstance(value, _COMPOUND) for value in (a, b))):
                raise
            return otherwise(a, b)
        return implementation(a, b)

    return apply


def variadic(make: Callable[..., Function]) -> Function:
    """The function of any number of values whose implementation for their dtypes is `make(*dtypes)`."""
    implementations = Dispatch(make)

    def apply(*values: Value) -> Any:
        return implementations[tuple([value.dtype for value in values])](*values)

    return apply
