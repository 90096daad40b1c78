"""Arithmetic that is rounded once, and in any direction: PTX's .rn, .rm, .rp and .rz, and the fused multiply-add.

No wider type is at hand for float64 on every machine, so results are exact fractions until they are rounded, one
element after the other: such functions are rare in kernels. Only the fused multiply-add works on whole vectors.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from gpusim.numeric.dtypes import Value
from gpusim.numeric.narrow import to_odd

_DOUBLE = np.dtype(np.float64)
_SPLITTER = 2.0**27 + 1
# Factors and addends of this size, and zero, neither overflow nor lose bits in `_fused`.
_SMALL, _LARGE = 2.0**-400, 2.0**400


def fma(a: Value, b: Value, c: Value) -> Value:
    """a * b + c of values of one type, float16, float32 or float64, rounded to nearest once."""
    if a.dtype != _DOUBLE:
        return fma_to_odd(a, b, c).astype(a.dtype)
    lanes = np.broadcast_arrays(a, b, c)
    sizes = np.abs(lanes)
    others = ((sizes != 0) & ~((sizes > _SMALL) & (sizes < _LARGE))).any(axis=0)
    result = np.array(_fused(a, b, c))
    if np.any(others):
        result[others] = rounded("fma", "n")(*(lane[others] for lane in lanes))
    return result[()]


def fma_to_odd(a: Value, b: Value, c: Value) -> Value:
    """a * b + c of narrower floats as float64, rounded to odd: the product is exact, and the sum's error is known."""
    total, error = _sum(a.astype(_DOUBLE) * b, c.astype(_DOUBLE))
    return to_odd(total, error)


def _fused(a: Value, b: Value, c: Value) -> Value:
    """S. Boldo, G. Melquiond, "Emulation of a FMA and correctly rounded sums: proved algorithms using rounding to odd",
    IEEE Transactions on Computers 57(4), 2008, figure 4."""
    high, low = _product(a, b)
    middle, first = _sum(c, low)
    top, second = _sum(high, middle)
    return np.where(high == 0, c + a * b, top + to_odd(*_sum(first, second)))[()]


def _sum(x: Value, y: Value) -> tuple[Value, Value]:
    """x + y rounded, and the error (D. Knuth's TwoSum)."""
    total = x + y
    part = total - x
    return total, (x - (total - part)) + (y - part)


def _product(x: Value, y: Value) -> tuple[Value, Value]:
    """x * y rounded, and the error (T. J. Dekker, "A floating-point technique for extending the available precision",
    Numerische Mathematik 18, 1971)."""
    product = x * y
    (a, b), (c, d) = _halves(x), _halves(y)
    return product, ((a * c - product) + a * d + b * c) + b * d


def _halves(x: Value) -> tuple[Value, Value]:
    """x as a sum of two numbers with half of its bits each."""
    high = x * _SPLITTER
    high = high - (high - x)
    return high, x - high


def _root(x: Fraction) -> Fraction:
    """The square root with 128 bits or more; an inexact one gets a bit behind them, so that it rounds like the root."""
    scaled = (x.numerator << 2400) // x.denominator
    root = math.isqrt(scaled)
    return Fraction(2 * root + (root * root != scaled), 1 << 1201)


_EXACT: dict[str, Callable[..., Fraction]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "div": lambda x, y: x / y,
    "rcp": lambda x: 1 / x,
    "fma": lambda x, y, z: x * y + z,
    "sqrt": _root,
    "float": lambda x: x,
}
# The same in floats, for what has no fraction: zeros with their signs, infinities, NaN.
_PLAIN: dict[str, Callable[..., Any]] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "rcp": lambda x: x.dtype.type(1) / x,
    "fma": lambda x, y, z: x * y + z,
    "sqrt": np.sqrt,
    "float": lambda x: x,
}


def rounded(name: str, mode: str, dtype: np.dtype | None = None) -> Callable[..., Value]:
    """The function `name` (add, sub, mul, div, rcp, fma, sqrt, or float: the number itself) of values, rounded once.

    `mode` is "n" (to nearest, ties to even), "d" (down), "u" (up) or "z" (towards zero). The result has type `dtype`,
    float32 or float64; without one it has the operands'.
    """

    def one(*operands: Any) -> Any:
        target = dtype or operands[0].dtype
        with np.errstate(all="ignore"):
            plain = _PLAIN[name](*operands)
            if not all(map(np.isfinite, operands)) or (name in ("div", "rcp") and operands[-1] == 0):
                return target.type(plain)
            if name == "sqrt" and operands[0] <= 0:
                return plain
            exact = _EXACT[name](*map(_fraction, operands))
            return _signed_zero(name, mode, operands, target.type(plain)) if exact == 0 else _round(exact, target, mode)

    def apply(*operands: Value) -> Value:
        target = dtype or operands[0].dtype
        lanes = np.broadcast_arrays(*operands)
        result = np.array([one(*lane) for lane in zip(*map(np.ravel, lanes), strict=True)], target)
        return result.reshape(lanes[0].shape)[()]

    return apply


def _fraction(number: Any) -> Fraction:
    return Fraction(int(number)) if number.dtype.kind in "iu" else Fraction(float(number))


def _signed_zero(name: str, mode: str, operands: tuple[Any, ...], zero: Any) -> Any:
    """A sum that cancels is +0, but -0 if rounded down, unless both addends are +0 (IEEE 754-2019, 6.3)."""
    if mode != "d" or name not in ("add", "sub", "fma"):
        return zero
    first, last = (operands[0] * operands[1] if name == "fma" else operands[0]), operands[-1]
    addends = (first, -last if name == "sub" else last)
    return zero if all(addend == 0 and not np.signbit(addend) for addend in addends) else -abs(zero)


def _round(exact: Fraction, dtype: np.dtype, mode: str) -> Any:
    """A fraction, which is not zero, as float32 or float64."""
    near = _nearest(exact, dtype)
    if mode == "n":
        return near
    error = exact - Fraction(float(near)) if np.isfinite(near) else -Fraction(int(np.sign(near)))
    beyond = {"d": error < 0, "u": error > 0, "z": error * exact < 0}[mode]
    return np.nextafter(near, dtype.type({"d": -np.inf, "u": np.inf, "z": 0.0}[mode])) if beyond else near


def _nearest(exact: Fraction, dtype: np.dtype) -> Any:
    try:
        wide = np.float64(float(exact))  # Python divides integers with one rounding
    except OverflowError:
        return dtype.type(np.inf if exact > 0 else -np.inf)
    if dtype == _DOUBLE:
        return wide
    error = exact - Fraction(float(wide))
    return to_odd(wide, np.float64((error > 0) - (error < 0))).astype(dtype)
