"""Arithmetic in which compiled kernels and NumPy differ, on operands that have their types already."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpusim.numeric.casts import cast, where
from gpusim.numeric.dtypes import Value

# Numba leaves its exact algorithm for the C library's pow above this exponent.
_LARGEST_EXACT_EXPONENT = 0x10000


def floordiv(a: Value, b: Value) -> Value:
    """Signed `a // b`: 0 for division by zero and for the one quotient that overflows, as Numba has it."""
    quotient = a // b
    overflow = b == -1
    if np.any(overflow):
        overflow = overflow & (a == np.iinfo(a.dtype).min)
        quotient = where(overflow, a.dtype.type(0), quotient)
    return quotient


def shift(compute: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    """`compute`, one of NumPy's shifts, as PTX's shl and shr have it.

    The amount is a register of 32 bits without a sign, into which the lower half of an amount of 64 bits goes. From the
    width of the number on it counts as the width ("PTX ISA", "Logic and Shift Instructions"), as it does in NumPy.
    """

    def shifted(x: Value, amount: Value) -> Value:
        if amount.dtype.itemsize == 8:
            amount = amount & amount.dtype.type(0xFFFFFFFF)
        return compute(x, amount)

    return shifted


def complex_quotient(a: Value, b: Value) -> Value:
    """`a / b` for complex numbers: R. L. Smith, "Algorithm 116: Complex division", CACM 5(8), 1962.

    Division by zero gives NaN. A compiled kernel raises an exception there, which ends the thread unseen.
    """
    steep = ~(abs(b.real) >= abs(b.imag))
    large = where(steep, b.imag, b.real)
    ratio = where(steep, b.real, b.imag) / large
    scale = large + where(steep, b.real, b.imag) * ratio
    real = where(steep, a.real * ratio + a.imag, a.real + a.imag * ratio) / scale
    imag = where(steep, a.imag * ratio - a.real, a.imag - a.real * ratio) / scale
    return complex_of(real, imag, a.dtype)


def complex_of(real: Value, imag: Value, dtype: np.dtype) -> Value:
    """The complex numbers of type `dtype` with these parts; adding them would lose signed zeros and infinities."""
    result = np.empty(np.broadcast_shapes(real.shape, imag.shape), dtype)
    result.real = real
    result.imag = imag
    return result[()]


def power(a: np.dtype, b: np.dtype) -> Callable[[Value, Value], Value]:
    """`a ** b` for the types of base and exponent."""
    if a.kind == "c":
        return complex_power
    if b.kind == "f":
        return np.power
    return integer_exponent


def integer_exponent(a: Value, b: Value) -> Value:
    """`a ** b` for an integer b by repeated squaring, in the arithmetic of a's type.

    An integer raised to a negative number is 0, but for 1 and -1, and the lowest integer for 0.
    """
    if type(b) is not np.ndarray and 0 <= b <= _LARGEST_EXACT_EXPONENT:
        return _fixed_power(a, int(b))
    exponent = b if b.dtype.kind == "u" else b.astype(np.int64)
    negative = exponent < 0
    inverted = bool(np.any(negative))
    if inverted:
        exponent = abs(exponent)
    # The magnitude of the lowest int64 is still negative; it is as large as any.
    large = (exponent > _LARGEST_EXACT_EXPONENT) | (exponent < 0)
    some_large = bool(np.any(large))
    if some_large:
        exponent = where(large, exponent.dtype.type(0), exponent)
    result = _squaring(a, exponent)
    if inverted:
        result = where(negative, _inverse(a, result), result)
    if some_large:
        beyond = cast(np.power(a.astype(np.float64), b.astype(np.float64)), a.dtype)
        if a.dtype.kind != "f":
            beyond = where(negative, _inverse(a, beyond), beyond)
        result = where(large, beyond, result)
    return result


def _fixed_power(a: Value, exponent: int) -> Value:
    """`a ** exponent` for one exponent that is not negative."""
    if exponent == 0:
        return np.ones(a.shape, a.dtype)[()]
    while exponent % 2 == 0:
        a = a * a
        exponent //= 2
    result = a
    while exponent := exponent // 2:
        a = a * a
        if exponent % 2:
            result = result * a
    return result


def _squaring(a: Value, exponent: Value) -> Value:
    """`a ** exponent` for exponents that are not negative."""
    unit = exponent.dtype.type(1)
    result = np.ones(np.broadcast_shapes(a.shape, exponent.shape), a.dtype)
    while np.any(exponent):
        result = where((exponent & unit) != 0, result * a, result)
        exponent = exponent >> unit
        a = a * a
    return result[()]


def _inverse(base: Value, power: Value) -> Value:
    """1 / power for a power of base, in its type."""
    dtype = base.dtype
    if dtype.kind == "f":
        return dtype.type(1) / power
    unit = (base == 1) | (base == -1) if dtype.kind == "i" else base == 1
    lowest = dtype.type(np.iinfo(dtype).min if dtype.kind == "i" else 1 << 63)
    return where(base == 0, lowest, where(unit, power, dtype.type(0)))


def complex_power(a: Value, b: Value) -> Value:
    """`a ** b` for complex numbers by the polar form that numba-cuda compiles, in a's precision.

    As there, the result is 0 whenever the real parts of both are 0, and 1 for b == 0.
    """
    length = np.hypot(a.real, a.imag)
    angle = np.arctan2(a.imag, a.real)
    modulus = length**b.real
    phase = angle * b.real
    turning = b.imag != 0
    modulus = where(turning, modulus / np.exp(angle * b.imag), modulus)
    phase = where(turning, phase + b.imag * np.log(length), phase)
    result = complex_of(modulus * np.cos(phase), modulus * np.sin(phase), a.dtype)
    result = where((a.real == 0) & (b.real == 0), a.dtype.type(0), result)
    return where(b == 0, a.dtype.type(1), result)
