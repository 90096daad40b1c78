"""The functions of math, cmath, builtins and NumPy that a kernel may call, on values.

`FUNCTIONS` maps a Python function to its implementation; `implementation` also finds NumPy's ufuncs and the types that
are called as casts. Types are those of Numba's CUDA target: float32 in gives float32 out, and `math.floor`, `ceil` and
`trunc` give floats. Results are NumPy's or the C library's, within a few units in the last place of CUDA's libdevice.
"""

from __future__ import annotations

import builtins
import cmath
import math
import operator
from functools import cache, partial, reduce
from typing import Any

import numpy as np

from gpusim.numeric import complexes, operators, special
from gpusim.numeric.arithmetic import complex_of
from gpusim.numeric.casts import cast, select, truth, where
from gpusim.numeric.dispatch import Function, binary, unary
from gpusim.numeric.dtypes import Rule, TypingError, Value, as_dtype, binary_rule, unary_rule
from gpusim.numeric.ufuncs import ufunc_implementation


def _typed(compute: Function, rule: Rule, sources: tuple[np.dtype, ...]) -> Function:
    """`compute` for arguments of types `sources`, with the casts and the result types of `rule`."""
    casts, results = rule
    if results[0].kind == "f" and all(dtype.kind in "iu" for dtype in casts):
        casts = (results[0],) * len(casts)
    if casts == sources and isinstance(compute, np.ufunc) and _natural(compute, casts) == results:
        return compute

    def apply(*values: Value) -> Any:
        outcome = compute(*map(cast, values, casts))
        return tuple(map(cast, outcome, results)) if isinstance(outcome, tuple) else cast(outcome, results[0])

    return apply


def _natural(ufunc: np.ufunc, inputs: tuple[np.dtype, ...]) -> tuple[np.dtype, ...]:
    """The types of the results that NumPy gives for these inputs."""
    return ufunc.resolve_dtypes(inputs + (None,) * ufunc.nout)[ufunc.nin :]


def _unary(name: str, compute: Function) -> Function:
    return unary(lambda a: _typed(compute, unary_rule(name, a), (a,)))


def _binary(name: str, compute: Function) -> Function:
    return binary(lambda a, b: _typed(compute, binary_rule(name, a, b), (a, b)))


def _either(name: str, unary: Function, binary: Function) -> Function:
    one, two = _unary(name, unary), _binary(name, binary)

    def apply(*values: Value) -> Any:
        return one(*values) if len(values) == 1 else two(*values)

    return apply


def _round_to(x: Value, digits: Value) -> Value:
    """`round(x, digits)` in double precision, ties to even.

    numba-cuda rounds by way of a 64-bit integer, so the scaled number saturates at 2^63 and zeros lose their sign.
    """
    wide, ten = x.astype(np.float64), np.float64(10)
    up = digits >= 0
    # 10^22 is the largest power of ten that is exact.
    more = digits > 22
    power = operators.pow(ten, where(more, digits - 22, abs(digits)))
    extra = where(more, np.float64(1e22), np.float64(1))
    scaled = where(up, wide * power * extra, wide / power)
    rounded = np.clip(np.rint(scaled), -(2.0**63), 2.0**63) + 0.0
    result = where(up, rounded / extra / power, rounded * power)
    unchanged = ~np.isfinite(wide) | (up & np.isinf(scaled))
    return where(unchanged, wide, result).astype(x.dtype)


def _divmod(x: Value, y: Value) -> tuple[Value, Value]:
    return operators.floordiv(x, y), operators.mod(x, y)


def _extremum(name: str, better: Function, number: np.ufunc) -> Function:
    """`min` or `max` of several values or of one tuple.

    Two floats are compared by libdevice's fmin and fmax, which prefer a number to NaN; anything else as Python does
    it, keeping the first value unless a later one is better.
    """

    def make_step(a: np.dtype, b: np.dtype) -> Function:
        kinds = {a.kind, b.kind}
        if kinds == {"b"}:
            return np.logical_and if name == "min" else np.logical_or
        if kinds & {"b", "c"}:
            raise TypingError(f"Numba has no {name} of {a.name} and {b.name}")
        return lambda x, y: select(better(y, x), y, x)

    def make_pair(a: np.dtype, b: np.dtype) -> Function:
        floats = all(dtype.kind == "f" and dtype.itemsize >= 4 for dtype in (a, b))
        return number if floats else make_step(a, b)

    step, pair = binary(make_step), binary(make_pair)

    def apply(*values: Any) -> Value:
        if len(values) == 2:
            return pair(*values)
        items = values[0] if len(values) == 1 else values
        if not isinstance(items, tuple) or not items:
            raise TypingError(f"{name}() needs several values or one tuple of values")
        return reduce(step, items)

    return apply


def _parsed(text: str) -> Value:
    """`float("nan")`"""
    try:
        return np.float64(text)
    except ValueError:
        raise TypingError(f"float({text!r}): this text is no number") from None


def _constructor(name: str) -> Function:
    def apply(x: Value) -> Value:
        if name == "float" and isinstance(x, str):
            return _parsed(x)
        if name == "int" and x.dtype.kind in "mM":
            return x.astype(np.int64)
        return cast(x, unary_rule(name, x.dtype)[1][0])

    return apply


def _complex(real: Value, imag: Value | None = None) -> Value:
    if imag is None:
        return _constructor("complex")(real)
    _, (dtype,) = binary_rule("complex", real.dtype, imag.dtype)
    if "c" in (real.dtype.kind, imag.dtype.kind):
        raise TypingError("complex(real, imag) takes two real numbers in a kernel")
    return complex_of(real, imag, dtype)


def _absolute(x: Value) -> Value:
    return abs(x) if x.dtype.kind == "m" else _typed_abs(x)


def _magnitude(x: Value) -> Value:
    """|x|; of a complex number as `math.hypot` of its parts, which is how Numba has it."""
    return np.hypot(x.real, x.imag) if x.dtype.kind == "c" else np.abs(x)


_typed_abs = _unary("abs", _magnitude)

_MATH_UNARY: dict[str, Function] = {
    "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh,
    "atan": np.arctan, "atanh": np.arctanh, "ceil": np.ceil, "cos": np.cos, "cosh": np.cosh,
    "degrees": lambda x: x * x.dtype.type(180 / math.pi), "erf": special.erf, "erfc": special.erfc,
    "exp": np.exp, "exp2": np.exp2, "expm1": np.expm1, "fabs": np.fabs, "floor": np.floor, "frexp": np.frexp,
    "gamma": special.gamma, "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan,
    "lgamma": special.lgamma, "log": np.log, "log10": np.log10, "log1p": np.log1p, "log2": np.log2, "modf": np.modf,
    "radians": lambda x: x * x.dtype.type(math.pi / 180),
    "sin": np.sin, "sinh": np.sinh, "sqrt": np.sqrt, "tan": np.tan, "tanh": np.tanh, "trunc": np.trunc,
}  # fmt: skip
_MATH_BINARY: dict[str, Function] = {
    "atan2": np.arctan2, "copysign": np.copysign, "fmod": np.fmod, "hypot": np.hypot, "ldexp": np.ldexp,
    "nextafter": np.nextafter, "pow": lambda x, y: np.power(x, y.astype(x.dtype)), "remainder": special.remainder,
}  # fmt: skip
_CMATH_UNARY: dict[str, Function] = {
    "acos": np.arccos, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan, "atanh": np.arctanh,
    "cos": np.cos, "exp": np.exp, "isfinite": np.isfinite, "isinf": np.isinf, "isnan": np.isnan,
    "sin": np.sin, "sqrt": np.sqrt, "tan": np.tan,
}  # fmt: skip

FUNCTIONS: dict[Any, Function] = {
    abs: _absolute,
    operator.abs: _absolute,
    bool: truth,
    complex: _complex,
    divmod: _binary("divmod", _divmod),
    float: _constructor("float"),
    int: _constructor("int"),
    max: _extremum("max", operators.gt, np.fmax),
    min: _extremum("min", operators.lt, np.fmin),
    builtins.pow: operators.pow,
    round: _either("round", np.rint, _round_to),
    cmath.log: _either("cmath.log", np.log, lambda x, base: operators.truediv(np.log(x), np.log(base))),
    **{getattr(math, name): _unary(f"math.{name}", compute) for name, compute in _MATH_UNARY.items()},
    **{getattr(math, name): _binary(f"math.{name}", compute) for name, compute in _MATH_BINARY.items()},
    **{getattr(cmath, name): _unary(f"cmath.{name}", compute) for name, compute in _CMATH_UNARY.items()},
    cmath.exp: _unary("cmath.exp", complexes.exp),
    **complexes.FUNCTIONS,
    **operators.BINARY,
    **operators.UNARY,
}


@cache
def implementation(function: Any) -> Function | None:
    """The implementation of a function, ufunc or type that a kernel calls; None if it is none of these.

    Types (np.float32, numba.int32, ...) are casts of one value.
    """
    found = FUNCTIONS.get(function)
    if found is None and isinstance(function, np.ufunc):
        return ufunc_implementation(function)
    modules = ("numba.", "numba_cuda_mlir.")
    if found is None and (isinstance(function, type) or type(function).__module__.startswith(modules)):
        try:
            return partial(cast, dtype=as_dtype(function))
        except TypingError:
            return None
    return found
