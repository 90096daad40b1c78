"""Special functions that NumPy lacks, on values of type float32 or float64.

Most are the C library's, through small ufuncs that Numba compiles at the first use and keeps in its disk cache, so
importing this module costs nothing. They agree with CUDA's libdevice within its documented error bounds.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gpusim.numeric.casts import where
from gpusim.numeric.dtypes import Value


def _erf(x: float) -> float:
    return math.erf(x)


def _erfc(x: float) -> float:
    return math.erfc(x)


def _gamma(x: float) -> float:
    return math.gamma(x)


def _lgamma(x: float) -> float:
    return math.lgamma(x)


@cache
def _compiled(function: Callable[..., float]) -> Callable[..., Any]:
    import numba

    return numba.vectorize(["f4(f4)", "f8(f8)"], cache=True)(function)


def erf(x: Value) -> Value:
    """The error function."""
    return _compiled(_erf)(x)


def erfc(x: Value) -> Value:
    """1 - erf(x)."""
    return _compiled(_erfc)(x)


def gamma(x: Value) -> Value:
    """The gamma function."""
    return _compiled(_gamma)(x)


def lgamma(x: Value) -> Value:
    """The logarithm of the absolute value of the gamma function."""
    return _compiled(_lgamma)(x)


def remainder(x: Value, y: Value) -> Value:
    """The IEEE 754 remainder of two values of one type: x - n y, n the integer nearest to x / y, ties to even."""
    size, step = abs(x), abs(y)
    rest = np.fmod(size, step)
    half = rest.dtype.type(0.5)
    # n is even in rest = size - n step; both sides of a tie are exact, the even one is nearer to an even multiple.
    tie = rest - 2 * np.fmod(half * (size - rest), step)
    beyond = step - rest
    nearest = where(rest < beyond, rest, where(rest > beyond, -beyond, tie))
    result = np.copysign(x.dtype.type(1), x) * nearest
    valid = np.isfinite(x) & ~np.isnan(y) & (y != 0)
    return where(valid, where(np.isinf(y), x, result), x.dtype.type(np.nan))
