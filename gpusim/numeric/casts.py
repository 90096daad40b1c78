"""Casts, literals, truth values and selection, as Numba compiles them.

A cast of a float that the target integer type cannot hold is undefined in LLVM. The result here is that of x86, as
compiled by `njit`; a GPU saturates instead and turns NaN into 0 (32 bits and less).
"""

from __future__ import annotations

import numpy as np

from gpusim.numeric.dtypes import TypingError, Value, unify

_BOOL = np.dtype(np.bool_)
_INT64_MAX = 2**63 - 1
_UINT64_MAX = 2**64 - 1


def cast(value: Value, dtype: np.dtype) -> Value:
    """`value` as `dtype`: integers wrap around, floats truncate toward zero, anything but zero is true.

    Raises TypingError for complex to real, which Numba refuses.
    """
    if value.dtype is dtype:
        return value
    if value.dtype.kind == "c" and dtype.kind not in "cb":
        raise TypingError(f"Numba cannot cast {value.dtype.name} to {dtype.name}; take .real or abs() first")
    return value.astype(dtype)


def literal(value: bool | int | float | complex) -> Value:
    """A Python number in a kernel's source as the value that Numba gives it.

    Raises TypingError for an integer beyond 64 bits.
    """
    if isinstance(value, bool):
        return np.bool_(value)
    if isinstance(value, int):
        if -_INT64_MAX - 1 <= value <= _INT64_MAX:
            return np.int64(value)
        if 0 <= value <= _UINT64_MAX:
            return np.uint64(value)
        raise TypingError(f"the integer {value} does not fit into 64 bits")
    if isinstance(value, float):
        return np.float64(value)
    return np.complex128(value)


def truth(value: Value) -> Value:
    """Whether `value` counts as true: np.bool_ or a vector of bool. NaN is true."""
    return value if value.dtype is _BOOL else value.astype(_BOOL)


def select(condition: Value, a: Value, b: Value) -> Value:
    """`a` where `condition` (bool, uniform or per lane) holds, else `b`, in the type that unifies theirs."""
    if a.dtype is not b.dtype:
        dtype = unify(a.dtype, b.dtype)
        a, b = cast(a, dtype), cast(b, dtype)
    if isinstance(condition, np.generic):
        return a if condition else b
    return np.where(condition, a, b)
