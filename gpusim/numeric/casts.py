"""Casts, literals, truth values and selection, as Numba compiles them.

A float becomes an integer as on a GPU, where the integer cannot hold it, too: `integers` has the rules. numba-cuda
rounds float16 to the nearest integer (PTX's cvt.rni), where it truncates wider floats (cvt.rzi).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpusim.numeric import integers, narrow
from gpusim.numeric.dispatch import Dispatch
from gpusim.numeric.dtypes import NARROW, TypingError, Value, unify

_BOOL = np.dtype(np.bool_)
_HALF = np.dtype(np.float16)


def cast(value: Value, dtype: np.dtype) -> Value:
    """`value` as `dtype`: integers wrap around, floats truncate toward zero, anything but zero is true.

    Raises TypingError for complex to real, which Numba refuses.
    """
    if value.dtype is dtype:
        return value
    return _CONVERTERS[value.dtype, dtype](value)


def converter(source: np.dtype, target: np.dtype) -> Callable[[Value], Value]:
    """The function that casts values of type `source` to `target`. Raises TypingError for complex to real."""
    return _CONVERTERS[source, target]


def _make_converter(source: np.dtype, target: np.dtype) -> Callable[[Value], Value]:
    if source == target:
        return lambda value: value
    if target.kind == "b":
        return truth
    if source in NARROW or target in NARROW:
        return narrow.converter(source, target)
    if source == _HALF and target.kind in "iu":
        return lambda value: integers.clamped(value, target, np.rint)
    if source.kind == "c" and target.kind != "c":
        raise TypingError(f"Numba has no cast of {source.name} to {target.name}; take .real or abs() first")
    if source.kind == "f" and target.kind in "iu":
        return integers.truncation(source, target)
    if target.kind in "iuf" and source.kind in "biuf" and np.result_type(source, target) == target:
        # Multiplying by one widens a NumPy scalar exactly and takes a fifth of astype's time.
        one = target.type(1)
        return lambda value: value.astype(target) if type(value) is np.ndarray else value * one
    return lambda value: value.astype(target)


_CONVERTERS = Dispatch(_make_converter)


def literal(value: bool | int | float | complex) -> Value:
    """A Python number in a kernel's source as the value that Numba gives it: 64 bits, unsigned only where needed.

    Raises TypingError for an integer beyond 64 bits.
    """
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        if -(2**63) <= value < 2**63:
            return np.int64(value)
        if 0 <= value < 2**64:
            return np.uint64(value)
        raise TypingError(f"the integer {value} does not fit into 64 bits")
    if isinstance(value, float):
        return np.float64(value)
    return np.complex128(value)


def truth(value: Value) -> Value:
    """Whether `value` counts as true: np.bool_ or a vector of bool. NaN is true."""
    if value.dtype is _BOOL:
        return value
    return value.astype(_BOOL) if type(value) is np.ndarray else value != 0


def where(condition: Value, a: Value, b: Value) -> Value:
    """`np.where` of operands that have one type, but a NumPy scalar if all three are."""
    chosen: Value = np.where(condition, a, b)
    return chosen[()]


def select(condition: Value, a: Value, b: Value) -> Value:
    """`a` where `condition` (bool, uniform or per lane) holds, else `b`, in the type that unifies theirs.

    Raises TypingError if there is no such type.
    """
    if a.dtype is not b.dtype:
        dtype = unify(a.dtype, b.dtype)
        a, b = cast(a, dtype), cast(b, dtype)
    if type(condition) is np.ndarray:
        return np.where(condition, a, b)
    return a if condition else b
