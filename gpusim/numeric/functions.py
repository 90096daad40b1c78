"""The functions of math, cmath, builtins and NumPy that a kernel may call, on values.

`FUNCTIONS` maps a Python function to its implementation; `implementation` also finds NumPy's ufuncs and the types that
are called as casts. Types are those of Numba's CUDA target: float32 in gives float32 out, integers give float64 (also
for `math.floor`). Single precision results are NumPy's, within a few units in the last place of libdevice's.
"""

from __future__ import annotations

import builtins
import cmath
import math
from collections.abc import Callable
from functools import cache, partial
from typing import Any

import numpy as np

from gpusim.numeric import operators, special
from gpusim.numeric.casts import cast, select, truth
from gpusim.numeric.dtypes import TypingError, Value, as_dtype, binary_rule, unary_rule, unify
from gpusim.numeric.ufuncs import ufunc_implementation

Function = Callable[..., Any]

_INT64 = np.dtype(np.int64)
_FLOAT64 = np.dtype(np.float64)


def _typed_unary(name: str, compute: Function) -> Function:
    """`compute` with the casts and the result types that Numba gives the one-argument function `name`."""
    rules: dict[np.dtype, tuple[np.dtype, tuple[np.dtype, ...]]] = {}

    def apply(x: Value) -> Any:
        rule = rules.get(x.dtype)
        if rule is None:
            (argument,), results = unary_rule(name, x.dtype)
            rule = rules[x.dtype] = argument, results
        argument, results = rule
        return _typed(compute(cast(x, argument)), results)

    return apply


def _typed_binary(name: str, compute: Function) -> Function:
    """`compute` with the casts and the result types that Numba gives the two-argument function `name`."""

    def apply(x: Value, y: Value) -> Any:
        (a, b), results = binary_rule(name, x.dtype, y.dtype)
        return _typed(compute(cast(x, a), cast(y, b)), results)

    return apply


def _typed(outcome: Any, results: tuple[np.dtype, ...]) -> Any:
    if isinstance(outcome, tuple):
        return tuple(cast(value, dtype) for value, dtype in zip(outcome, results, strict=True))
    return cast(outcome, results[0])


def _either(name: str, unary: Function, binary: Function) -> Function:
    one, two = _typed_unary(name, unary), _typed_binary(name, binary)

    def apply(*values: Value) -> Any:
        return one(*values) if len(values) == 1 else two(*values)

    return apply


def _round_to(x: Value, digits: Value) -> Value:
    """`round(x, digits)`: CPython's fallback algorithm in double precision, ties to even."""
    wide = x.astype(np.float64)
    ten = np.float64(10)
    positive = digits >= 0
    magnitude = abs(digits)
    first = np.where(positive & (digits > 22), magnitude - 22, magnitude)
    scale = operators.pow(ten, first[()])
    rest = np.where(digits > 22, np.float64(1e22), np.float64(1))[()]
    scaled = np.where(positive, wide * scale * rest, wide / scale)
    rounded = np.rint(scaled)
    back = np.where(positive, rounded / rest / scale, rounded * scale)
    keep = ~np.isfinite(wide) | (positive & np.isinf(scaled))
    return np.where(keep, wide, back)[()].astype(x.dtype)


def _divmod(x: Value, y: Value) -> tuple[Value, Value]:
    return operators.floordiv(x, y), operators.mod(x, y)


def _extremum(name: str, better: Function, either: np.ufunc) -> Function:
    """`min` or `max`: two floats as libdevice's fmin/fmax, which prefer a number to NaN; else Python's comparisons."""

    def pair(x: Value, y: Value) -> Value:
        if {x.dtype.kind, y.dtype.kind} == {"b"}:
            return x & y if name == "min" else x | y
        dtype = unify(x.dtype, y.dtype)
        if dtype.kind == "c" or "b" in (x.dtype.kind, y.dtype.kind):
            raise TypingError(f"Numba has no {name} of {x.dtype.name} and {y.dtype.name}")
        x, y = cast(x, dtype), cast(y, dtype)
        return select(better(y, x), y, x)

    def apply(*values: Any) -> Value:
        if len(values) == 1 and isinstance(values[0], tuple):
            (values,) = values
        if len(values) < 2:
            raise TypingError(f"{name} of a single value that is no tuple")
        if len(values) == 2 and all(v.dtype.kind == "f" and v.dtype.itemsize >= 4 for v in values):
            return either(*values)
        result = values[0]
        for value in values[1:]:
            result = pair(result, value)
        return result

    return apply


def _int(x: Value) -> Value:
    return cast(x, unary_rule("int", x.dtype)[1][0])


def _float(x: Value) -> Value:
    return cast(x, unary_rule("float", x.dtype)[1][0])


def _complex(real: Value, imag: Value | None = None) -> Value:
    if imag is None:
        return cast(real, unary_rule("complex", real.dtype)[1][0])
    dtype = binary_rule("complex", real.dtype, imag.dtype)[1][0]
    if "c" in (real.dtype.kind, imag.dtype.kind):
        raise TypingError("complex() takes two real numbers in a kernel")
    return real.astype(dtype) + imag.astype(dtype) * dtype.type(1j)


def _scale(factor: float) -> Function:
    return lambda x: x * x.dtype.type(factor)


_MATH_UNARY: dict[str, Function] = {
    "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh,
    "atan": np.arctan, "atanh": np.arctanh, "ceil": np.ceil, "cos": np.cos, "cosh": np.cosh,
    "degrees": _scale(180 / math.pi), "erf": special.erf, "erfc": special.erfc, "exp": np.exp, "exp2": np.exp2,
    "expm1": np.expm1, "fabs": np.fabs, "floor": np.floor, "frexp": np.frexp, "gamma": special.gamma,
    "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan, "lgamma": special.lgamma, "log": np.log,
    "log10": np.log10, "log1p": np.log1p, "log2": np.log2, "modf": np.modf, "radians": _scale(math.pi / 180),
    "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh, "trunc": np.trunc,
}  # fmt: skip
_MATH_BINARY: dict[str, Function] = {
    "atan2": np.arctan2, "copysign": np.copysign, "fmod": np.fmod, "hypot": np.hypot, "ldexp": np.ldexp,
    "nextafter": np.nextafter, "pow": lambda x, y: np.power(x, y.astype(x.dtype)), "remainder": special.remainder,
}  # fmt: skip
_CMATH_UNARY: dict[str, Function] = {
    "acos": np.arccos, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan, "cos": np.cos, "exp": np.exp,
    "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan, "sin": np.sin, "sqrt": np.sqrt, "tan": np.tan,
}  # fmt: skip


def _hypot_int(name: str, compute: Function) -> Function:
    """Integer arguments become float64 before the computation."""
    return lambda x, y: compute(
        *(v.astype(_FLOAT64) if v.dtype.kind in "iu" and name != "ldexp" else v for v in (x, y))
    )


FUNCTIONS: dict[Any, Function] = {
    abs: _typed_unary("abs", np.abs),
    bool: truth,
    builtins.pow: operators.pow,
    complex: _complex,
    divmod: _typed_binary("divmod", _divmod),
    float: _float,
    int: _int,
    max: _extremum("max", operators.gt, np.fmax),
    min: _extremum("min", operators.lt, np.fmin),
    round: _either("round", np.rint, _round_to),
    cmath.log: _either("cmath.log", np.log, lambda x, base: operators.truediv(np.log(x), np.log(base))),
}
FUNCTIONS |= {getattr(math, n): _typed_unary(f"math.{n}", f) for n, f in _MATH_UNARY.items()}
FUNCTIONS |= {getattr(math, n): _typed_binary(f"math.{n}", _hypot_int(n, f)) for n, f in _MATH_BINARY.items()}
FUNCTIONS |= {getattr(cmath, n): _typed_unary(f"cmath.{n}", f) for n, f in _CMATH_UNARY.items()}
FUNCTIONS |= operators.BINARY | operators.UNARY


@cache
def implementation(function: Any) -> Function | None:
    """The implementation of a function, ufunc or type that a kernel calls; None if it is none of these.

    Types (np.float32, numba.int32, ...) are casts of one value.
    """
    found = FUNCTIONS.get(function)
    if found is not None:
        return found
    if isinstance(function, np.ufunc):
        return ufunc_implementation(function)
    if (isinstance(function, type) and issubclass(function, np.generic)) or (
        type(function).__module__.startswith("numba.core.types")
    ):
        try:
            return partial(cast, dtype=as_dtype(function))
        except TypingError:
            return None
    return None
