"""Floats as integers, by the rules of PTX's cvt instruction.

What an integer cannot hold, C and LLVM leave undefined: processors differ, and on one of them vector code differs from
scalar code (AVX2 saturates where AVX-512 wraps around). A GPU is sure of it. "PTX ISA", section "Data Movement and
Conversion Instructions: cvt", integer notes: the number is rounded, then clamped to the range of the integer; NaN
becomes 0, but 2^(bits - 1), which is the lowest integer if that is signed, from a float64 and in 64 bits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpusim.numeric.dtypes import Value

_DOUBLE = np.dtype(np.float64)


def _range(target: np.dtype) -> tuple[float, float]:
    """The lowest number that an integer type holds, and the lowest integer beyond the largest; floats hold both."""
    limits = np.iinfo(target)
    return float(limits.min), float(limits.max // 2 + 1) * 2


def clamped(value: Value, target: np.dtype, round: Callable[[Value], Value] = np.trunc) -> Value:
    """A float as the integer type `target`, rounded to an integer by `round` first: what cvt does."""
    low, end = _range(target)
    whole = round(value.astype(_DOUBLE))
    inside = (whole >= low) & (whole < end)
    result = np.where(inside, whole, 0.0).astype(target)
    result = np.where(whole < low, target.type(np.iinfo(target).min), result)
    result = np.where(whole >= end, target.type(np.iinfo(target).max), result)
    return np.where(np.isnan(whole), _of_nan(value.dtype, target), result)[()]


def _of_nan(source: np.dtype, target: np.dtype) -> Value:
    if source.itemsize < 8 and target.itemsize < 8:
        return target.type(0)
    return target.type(np.iinfo(target).min if target.kind == "i" else 1 << (8 * target.itemsize - 1))


def truncation(source: np.dtype, target: np.dtype) -> Callable[[Value], Value]:
    """The cast of float32 or float64 to the integer type `target`, as numba-cuda compiles it: cvt.rzi.

    For 8 bits it compiles a cvt.rzi to 16 bits, too, of which a store to memory keeps the lower 8. (An unsigned number
    that was never stored may keep all 16 in its register on a GPU, which no value of its type can show.)
    """
    low, end = map(source.type, _range(target))
    register = np.dtype(f"{target.kind}2") if target.itemsize == 1 else target

    def truncate(value: Value) -> Value:
        if type(value) is np.ndarray:
            # NaN spreads to both extremes, and is on neither side of a limit.
            least, most = (extreme.reduce(value, axis=None, initial=0) for extreme in (np.minimum, np.maximum))
            fits = low <= least and most < end
        else:
            fits = low <= value < end
        return value.astype(target) if fits else clamped(value, register).astype(target)

    return truncate
