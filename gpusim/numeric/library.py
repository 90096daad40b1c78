"""Functions of NVIDIA's libdevice that neither NumPy nor Python's math module has, on values.

The special functions are computed one element after the other: they are rare in kernels.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric.integers import clamped

Compute = Callable[..., Any]


def elementwise(function: Callable[..., float], outputs: int = 1) -> Compute:
    """A function of Python numbers for vectors, one element after the other."""
    return np.frompyfunc(lambda *values: function(*map(float, values)), function.__code__.co_argcount, outputs)


def erfinv(y: float) -> float:
    if abs(y) >= 1:
        return math.copysign(math.inf, y) if abs(y) == 1 else math.nan
    x = 0.0
    low, high = -6.0, 6.0
    for _ in range(80):
        low, high = (x, high) if math.erf(x) < y else (low, x)
        x = (low + high) / 2
    for _ in range(2):  # Newton's method gives the last digits
        x -= (math.erf(x) - y) / (2 / math.sqrt(math.pi) * math.exp(-x * x))
    return x


def erfcinv(y: float) -> float:
    if not 0 < y < 2:
        return {0.0: math.inf, 2.0: -math.inf}.get(y, math.nan)
    low, high = -6.0, 28.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(middle) > y else (low, middle)
    return (low + high) / 2


def erfcx(x: float) -> float:
    """exp(x^2) erfc(x); for large x by its continued fraction (Abramowitz and Stegun 7.1.14)."""
    if x < 25:
        return math.exp(x * x) * math.erfc(x)
    tail = x
    for k in range(30, 0, -1):
        tail = x + k / 2 / tail
    return 1 / (tail * math.sqrt(math.pi))


_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)


def _integral(function: Callable[[np.ndarray], np.ndarray], high: float, panels: int) -> float:
    """The integral from 0 to `high` by Gauss's rule with 16 points in each panel."""
    width = high / panels
    points = (np.arange(panels)[:, None] + (_NODES + 1) / 2) * width
    return float((function(points) @ _WEIGHTS).sum() * width / 2)


def bessel_j(n: float, x: float) -> float:
    """The Bessel function of the first kind by its integral (Abramowitz and Stegun 9.1.21)."""
    panels = 4 + int(abs(x) + abs(n))
    return _integral(lambda a: np.cos(n * a - x * np.sin(a)), math.pi, panels) / math.pi


def bessel_y(n: float, x: float) -> float:
    """The Bessel function of the second kind by its integral (Abramowitz and Stegun 9.1.22)."""
    if x <= 0:
        return -math.inf if x == 0 else math.nan
    panels = 4 + int(x + abs(n))
    sign = 1 if int(n) % 2 == 0 else -1
    first = _integral(lambda a: np.sin(x * np.sin(a) - n * a), math.pi, panels)
    span = math.asinh(60 * (abs(n) + 1) / x)  # beyond it the integrand is below the last place
    second = _integral(lambda s: (np.exp(n * s) + sign * np.exp(-n * s)) * np.exp(-x * np.sinh(s)), span, 40 + panels)
    return (first - second) / math.pi


def half_away(x: Any) -> Any:
    """Round to the nearest integer, halves away from zero."""
    whole = np.trunc(x)
    return np.where(np.abs(x - whole) >= 0.5, whole + np.sign(x), whole).astype(x.dtype)[()]


def logb(x: Any) -> Any:
    """The exponent of x = m 2^e with 1 <= |m| < 2, a float; -inf for zero, and infinity for infinities."""
    ordinary = np.isfinite(x) & (x != 0)
    return np.where(ordinary, np.frexp(x)[1] - 1, np.where(x == 0, -np.inf, abs(x))).astype(x.dtype)[()]


def ilogb(x: Any) -> Any:
    """`logb` as int32: the lowest one for zero and NaN, the largest for infinities."""
    return clamped(logb(x).astype(np.float64), np.dtype(np.int32))


def average(up: bool, unsigned: bool) -> Compute:
    """(x + y) / 2 without overflow, rounded down or up."""

    def average(x: Any, y: Any) -> Any:
        total = wide_integer(x, unsigned) + wide_integer(y, unsigned) + int(up)
        return (total >> np.int64(1)).astype(np.int32)

    return average


def wide_integer(x: Any, unsigned: bool) -> Any:
    return x.view(f"u{x.dtype.itemsize}").astype(np.int64) if unsigned else x.astype(np.int64)


def high_product(unsigned: bool) -> Compute:
    """The upper half of a product of integers."""

    def high(x: Any, y: Any) -> Any:
        width = 8 * x.dtype.itemsize
        kind = f"u{x.dtype.itemsize}" if unsigned else f"i{x.dtype.itemsize}"
        exact = x.view(kind).astype(object) * y.view(kind).astype(object)
        upper = np.asarray((exact >> width) & ((1 << width) - 1), dtype=object)
        return upper.astype(f"u{x.dtype.itemsize}").view(x.dtype)[()]

    return high


def product24(unsigned: bool) -> Compute:
    """The product of the lower 24 bits, its lower 32 bits."""

    def product(x: Any, y: Any) -> Any:
        low = [(value.astype(np.int64) & 0xFFFFFF) for value in (x, y)]
        if not unsigned:
            low = [value - ((value & 0x800000) << 1) for value in low]
        return (low[0] * low[1]).astype(np.int32)

    return product


def byte_permutation(x: Any, y: Any, selector: Any) -> Any:
    """Four bytes out of eight, chosen by the lower three bits of each digit of the selector."""
    eight = x.view(np.uint32).astype(np.uint64) | (y.view(np.uint32).astype(np.uint64) << np.uint64(32))
    result = eight & np.uint64(0)
    for k in range(4):
        chosen = (selector.view(np.uint32).astype(np.uint64) >> np.uint64(4 * k)) & np.uint64(7)
        result = result | (((eight >> (chosen * np.uint64(8))) & np.uint64(0xFF)) << np.uint64(8 * k))
    return result.astype(np.uint32).view(np.int32)


def unsigned(compute: Compute) -> Compute:
    """`compute` on the bits of signed integers as unsigned ones."""

    def apply(*values: Any) -> Any:
        return compute(*(value.view(f"u{value.dtype.itemsize}") for value in values)).view(values[0].dtype)

    return apply
