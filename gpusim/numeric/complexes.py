"""The functions of `cmath` on values, beyond those in Numba's own tables: numba-cuda compiles them from Python code."""

from __future__ import annotations

import cmath
from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric.arithmetic import complex_of
from gpusim.numeric.casts import cast, where
from gpusim.numeric.dispatch import Function, binary, unary
from gpusim.numeric.dtypes import Value, unary_rule, unify


def _unary(compute: Callable[[Value], Any]) -> Function:
    """A function of one complex number; real ones are converted."""

    def make(source: np.dtype) -> Function:
        (wanted,), _ = unary_rule("cmath.sin", source)
        return lambda x: compute(cast(x, wanted))

    return unary(make)


def exp(x: Value) -> Value:
    """e ** x, with +0 where the real part is -inf and the imaginary part is no number."""
    vanishing = (x.real == -np.inf) & ~np.isfinite(x.imag)
    return where(vanishing, x.dtype.type(0), np.exp(x))


def _polar(x: Value) -> tuple[Value, Value]:
    return np.abs(x), np.arctan2(x.imag, x.real)


def _rect(radius: Value, angle: Value) -> Value:
    """r (cos(phi) + i sin(phi)), where a zero stays a zero: of the radius, the cosine and the sine."""
    dtype = np.dtype(np.complex64 if radius.dtype == np.float32 else np.complex128)
    zero = radius.dtype.type(0)
    parts = []
    for factor in (np.cos(angle), np.sin(angle)):
        endless = (factor == 0) & np.isinf(radius)
        parts.append(where(endless, factor / radius, radius * factor))
    nowhere = ~np.isfinite(angle)
    real = where(nowhere & (radius == 0), abs(radius), where(nowhere & np.isinf(radius), radius, parts[0]))
    imaginary = where(nowhere & (radius == 0), zero, where(nowhere & np.isinf(radius), angle, parts[1]))
    return complex_of(real, imaginary, dtype)


def _make_rect(a: np.dtype, b: np.dtype) -> Function:
    wanted = unify(a, b) if a.kind == b.kind == "f" else np.dtype(np.float64)
    return lambda radius, angle: _rect(cast(radius, wanted), cast(angle, wanted))


FUNCTIONS: dict[Any, Function] = {
    cmath.acosh: _unary(np.arccosh),
    cmath.cosh: _unary(np.cosh),
    cmath.sinh: _unary(np.sinh),
    cmath.tanh: _unary(np.tanh),
    cmath.log10: _unary(np.log10),
    cmath.phase: _unary(lambda x: np.arctan2(x.imag, x.real)),
    cmath.polar: _unary(_polar),
    cmath.rect: binary(_make_rect),
}
