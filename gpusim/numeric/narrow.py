"""Casts of the numbers that NumPy lacks: bfloat16 and CUDA's 8-bit floats, which ml_dtypes adds to it.

A conversion rounds once, whatever the types: `CUDA Math API, "Bfloat16 Precision Conversion and Data Movement"` and
`"FP8 Conversion and Data Movement"`, and the PTX ISA's cvt. What NumPy and ml_dtypes would round twice, by way of
float32 or float64, is rounded to odd there, which the second rounding cannot be misled by (S. Boldo, G. Melquiond,
"When double rounding is odd", 2004).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpusim.numeric.dtypes import BFLOAT16, FLOAT8, FLOAT8_E5M2, FLOAT8_E8M0, NARROW, TypingError, Value
from gpusim.numeric.integers import clamped

_SINGLE = np.dtype(np.float32)
_DOUBLE = np.dtype(np.float64)
_HALF = np.dtype(np.float16)
_LOW_BITS = 2047
_E8M0_LARGEST = 254
_E8M0_NAN = 255


def to_odd(nearest: Value, error: Value) -> Value:
    """The float32 or float64 with an odd last bit beside a rounded number; `error` is exact - nearest."""
    even = nearest.view(f"u{nearest.dtype.itemsize}") & 1 == 0
    wrong = even & ((error < 0) | (error > 0))
    direction = np.copysign(nearest.dtype.type(np.inf), error).astype(nearest.dtype)
    return np.where(wrong, np.nextafter(nearest, direction), nearest)[()]


def double(value: Value) -> Value:
    """A number as float64: exact, but for integers beyond 2^53, which are rounded to odd."""
    if value.dtype.kind not in "iu" or value.dtype.itemsize < 8:
        return value.astype(_DOUBLE)
    low = value & value.dtype.type(_LOW_BITS)
    high, rest = (value - low).astype(_DOUBLE), low.astype(_DOUBLE)
    nearest = high + rest
    return to_odd(nearest, rest - (nearest - high))


def single(value: Value) -> Value:
    """A float64 as float32, rounded to odd; narrower floats are exact."""
    nearest = value.astype(_SINGLE)
    return to_odd(nearest, value - nearest.astype(_DOUBLE)) if value.dtype == _DOUBLE else nearest


def nearest(value: Value, dtype: np.dtype) -> Value:
    """float32 or float64 as bfloat16 or float16: to nearest, ties to even; what is too large becomes infinite."""
    return (single(value) if dtype == BFLOAT16 else value).astype(dtype)


def rounded(value: Value, dtype: np.dtype, mode: str) -> Value:
    """A number as bfloat16 or float16: to nearest even ("n"), down ("d"), up ("u") or towards zero ("z")."""
    exact = double(value)
    result = nearest(exact, dtype)
    if mode == "n":
        return result
    wide = result.astype(_DOUBLE)
    beyond = {"d": wide > exact, "u": wide < exact, "z": abs(wide) > abs(exact)}[mode]
    towards = dtype.type({"d": -np.inf, "u": np.inf, "z": 0.0}[mode])
    return np.where(beyond, np.nextafter(result, towards), result)[()]


def to_float8(value: Value, dtype: np.dtype, saturate: bool = True) -> Value:
    """A number as e4m3 or e5m2, to nearest even.

    What is too large becomes the largest finite number, or, if it shall not saturate, infinite (e5m2) or NaN (e4m3).
    """
    wide = single(value)
    if saturate:
        largest = _largest(dtype).astype(_SINGLE)
        wide = np.clip(wide, -largest, largest)
    result = wide.astype(dtype)
    if value.dtype == _DOUBLE:
        return result
    return np.where(np.isnan(wide), np.uint8(0x7F).view(dtype), result)[()]


def _largest(dtype: np.dtype) -> Value:
    return np.uint8(0x7B if dtype == FLOAT8_E5M2 else 0x7E).view(dtype)


def to_e8m0(value: Value, saturate: bool = True, up: bool = True) -> Value:
    """The power of two that is next to |value|, upwards or towards zero, from 2^-127 to 2^127; NaN beyond that.

    Saturating conversions give 2^127 instead of NaN for what is too large, and so does rounding towards zero unless
    the number is infinite.
    """
    exact = abs(double(value))
    mantissa, exponent = np.frexp(exact)
    code = exponent + 126 + (up & (mantissa > 0.5))
    code = np.where(exact == 0, 0, np.clip(code, 0, _E8M0_NAN if up and not saturate else _E8M0_LARGEST))
    code = np.where(np.isinf(exact), _E8M0_LARGEST if saturate else _E8M0_NAN, code)
    return np.where(np.isnan(exact), _E8M0_NAN, code).astype(np.uint8)[()].view(FLOAT8_E8M0)


def converter(source: np.dtype, target: np.dtype) -> Callable[[Value], Value]:
    """The cast between two types of which one is narrow. Raises TypingError for those that numba-cuda lacks."""
    if not _castable(source, target):
        raise TypingError(f"Numba has no cast of {source.name} to {target.name}; convert to float32 first")
    if target == FLOAT8_E8M0:
        return to_e8m0
    if target in FLOAT8:
        return lambda value: to_float8(value, target)
    if target == BFLOAT16:
        return lambda value: nearest(double(value) if value.dtype.kind in "iu" else value, target)
    if target.kind in "iu":
        return lambda value: clamped(value, target)
    return lambda value: value.astype(target)


def _castable(source: np.dtype, target: np.dtype) -> bool:
    if source in FLOAT8 and target in FLOAT8:
        return False
    if source == BFLOAT16 and target == _HALF:
        return False
    return all(dtype in NARROW or dtype.kind in "biuf" for dtype in (source, target))
