"""Arithmetic in which compiled kernels and NumPy differ, on operands that have their types already."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from gpusim.numeric.dtypes import Value

# Numba leaves its exact algorithm for the C library's pow above this exponent.
_LARGEST_EXACT_EXPONENT = 0x10000


def floordiv(a: Value, b: Value) -> Value:
    """Signed `a // b`: 0 for division by zero and for the one quotient that overflows, as Numba has it."""
    quotient = a // b
    if np.any(b == -1):
        overflow = (b == -1) & (a == np.iinfo(a.dtype).min)
        return a.dtype.type(0) if overflow is np.True_ else np.where(overflow, a.dtype.type(0), quotient)
    return quotient


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
    dtype = a.dtype
    negative = b < 0
    any_negative = bool(np.any(negative))
    exponent = abs(b) if any_negative else b
    large = exponent > _LARGEST_EXACT_EXPONENT
    remaining = np.where(large, b.dtype.type(0), exponent)[()]
    result, square = dtype.type(1), a
    while True:
        odd = remaining & remaining.dtype.type(1) != 0
        if np.all(odd):
            result = result * square
        elif np.any(odd):
            result = np.where(odd, result * square, result)[()]
        remaining = remaining >> remaining.dtype.type(1)
        if not np.any(remaining):
            break
        square = square * square
    if any_negative:
        result = np.where(negative, _inverse(a, result), result)[()]
    if np.any(large):
        beyond = np.power(a.astype(np.float64), b.astype(np.float64)).astype(dtype)
        if dtype.kind in "iu":
            beyond = np.where(negative, _inverse(a, np.where(b % 2 == 0, a * a, a)), beyond)[()].astype(dtype)
        result = np.where(large, beyond, result)[()]
    if isinstance(b, np.ndarray) and not isinstance(result, np.ndarray):
        result = np.full(b.shape, result)
    return result


def _inverse(base: Value, power: Value) -> Value:
    """1 / power for a power of base, in its type."""
    dtype = base.dtype
    if dtype.kind == "f":
        return dtype.type(1) / power
    unit = (base == 1) | ((base == -1) if dtype.kind == "i" else False)
    zero = dtype.type(np.iinfo(dtype).min if dtype.kind == "i" else 1 << 63)
    return np.where(base == 0, zero, np.where(unit, power, dtype.type(0)))


def complex_power(a: Value, b: Value) -> Value:
    """`a ** b` for complex numbers by the polar form that numba-cuda compiles, in a's precision.

    As there, the result is 0 whenever the real parts of both are 0, and 1 for b == 0.
    """
    length = np.hypot(a.real, a.imag)
    angle = np.arctan2(a.imag, a.real)
    modulus = length**b.real
    phase = angle * b.real
    turning = b.imag != 0
    modulus = np.where(turning, modulus / np.exp(angle * b.imag), modulus)
    phase = np.where(turning, phase + b.imag * np.log(length), phase)
    result = modulus * (np.cos(phase) + np.sin(phase) * a.dtype.type(1j))
    result = np.where((a.real == 0) & (b.real == 0), a.dtype.type(0), result)
    return np.where(b == 0, a.dtype.type(1), result).astype(a.dtype)[()]
