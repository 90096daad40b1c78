"""`numba.cuda.libdevice`: NVIDIA's library of mathematical functions, by their names there.

Types of arguments and results come from numba-cuda's declarations. Functions whose name ends in `_rd`,
`_rn`, `_ru` or `_rz` round down, to the nearest, up or towards zero. Source of the definitions: CUDA
"libdevice User's Guide". Results are the C library's or NumPy's, within a few units in the last place.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from gpusim.device.numbers import bits
from gpusim.device.numbers.half import HALF
from gpusim.numeric import cast, exact
from gpusim.numeric.functions import FUNCTIONS as MATH
from gpusim.numeric.integers import clamped
from gpusim.numeric.library import (
    average,
    bessel_j,
    bessel_y,
    byte_permutation,
    elementwise,
    erfcinv,
    erfcx,
    erfinv,
    half_away,
    high_product,
    ilogb,
    logb,
    product24,
    unsigned,
    wide_integer,
)
from gpusim.places import Site
from gpusim.simt.lanes import Lanes

Compute = Callable[..., Any]

# How to round to an integer, by the letter of the mode: to nearest, down, up, towards zero.
_STEPS = {"n": np.rint, "d": np.floor, "u": np.ceil, "z": np.trunc}


def _of_math(function: Any) -> Compute:
    return MATH[function]


def _sincos(x: Any) -> tuple[Any, Any]:
    return np.sin(x), np.cos(x)


def _remquo(x: Any, y: Any) -> tuple[Any, Any]:
    """The IEEE remainder, and the low bits of the quotient that it belongs to."""
    rest = MATH[math.remainder](x, y)
    quotient = np.rint((x - rest) / y)
    return rest, np.nan_to_num(np.fmod(quotient, 8)).astype(np.int32)


def _clamped(target: str, mode: str) -> Compute:
    """From a float to an integer of a signed type's bits."""
    dtype = np.dtype(target)
    return lambda value: clamped(value, dtype, _STEPS[mode]).view(f"i{dtype.itemsize}")


def _bits(target: str) -> Compute:
    return lambda value: value.view(target)


def _intrinsic(function: Callable[..., Any]) -> Compute:
    """A function of `gpusim.device.numbers.bits`, which needs neither lanes nor a site."""
    return lambda *values: function(None, None, *values)


def _tables() -> dict[str, Compute]:
    pi = np.pi
    real: dict[str, Compute] = {
        "acos": np.arccos, "acosh": np.arccosh, "asin": np.arcsin, "asinh": np.arcsinh, "atan": np.arctan,
        "atan2": np.arctan2, "atanh": np.arctanh, "cbrt": np.cbrt, "ceil": np.ceil, "copysign": np.copysign,
        "cos": np.cos, "cosh": np.cosh, "cospi": lambda x: np.cos(x * pi), "erf": _of_math(math.erf),
        "erfc": _of_math(math.erfc), "erfcinv": elementwise(erfcinv), "erfcx": elementwise(erfcx),
        "erfinv": elementwise(erfinv), "exp": np.exp, "exp10": lambda x: np.power(x.dtype.type(10), x),
        "exp2": np.exp2, "expm1": np.expm1, "fabs": np.fabs, "fdim": lambda x, y: np.where(x > y, x - y, 0 * (x - y)),
        "floor": np.floor, "fma": exact.fma, "fmax": np.fmax,
        "fmin": np.fmin, "fmod": np.fmod, "frexp": np.frexp, "hypot": np.hypot, "ilogb": ilogb,
        "j0": elementwise(lambda x: bessel_j(0, x)), "j1": elementwise(lambda x: bessel_j(1, x)),
        "jn": elementwise(lambda n, x: bessel_j(n, x)), "y0": elementwise(lambda x: bessel_y(0, x)),
        "y1": elementwise(lambda x: bessel_y(1, x)), "yn": elementwise(lambda n, x: bessel_y(n, x)),
        "ldexp": np.ldexp, "lgamma": _of_math(math.lgamma), "llrint": np.rint, "llround": half_away, "log": np.log,
        "log10": np.log10, "log1p": np.log1p, "log2": np.log2, "logb": logb,
        "modf": np.modf, "nearbyint": np.rint, "nextafter": np.nextafter,
        "normcdf": lambda x: _of_math(math.erfc)(x * x.dtype.type(-math.sqrt(0.5))) * x.dtype.type(0.5),
        "normcdfinv": elementwise(lambda p: -math.sqrt(2) * erfcinv(2 * p)),
        "pow": np.power, "powi": lambda x, n: np.power(x, n.astype(x.dtype)), "rcbrt": lambda x: 1 / np.cbrt(x),
        "remainder": _of_math(math.remainder), "remquo": _remquo, "rint": np.rint, "round": half_away,
        "rsqrt": lambda x: 1 / np.sqrt(x), "scalbn": np.ldexp, "sin": np.sin, "sincos": _sincos,
        "sincospi": lambda x: _sincos(x * pi), "sinh": np.sinh, "sinpi": lambda x: np.sin(x * pi), "sqrt": np.sqrt,
        "tan": np.tan, "tanh": np.tanh, "tgamma": _of_math(math.gamma), "trunc": np.trunc,
    }  # fmt: skip
    functions = {name + suffix: compute for name, compute in real.items() for suffix in ("", "f")}
    functions |= {
        f"fast_{name}f": compute
        for name, compute in real.items()
        if name in ("cos", "exp10", "exp", "log10", "log2", "log", "pow", "sincos", "sin", "tan")
    }
    functions |= {
        "fast_fdividef": np.divide, "saturatef": lambda x: np.fmax(np.fmin(x, np.float32(1)), np.float32(0)),
        "finitef": np.isfinite, "isfinited": np.isfinite, "isinfd": np.isinf, "isinff": np.isinf, "isnand": np.isnan,
        "isnanf": np.isnan, "signbitd": np.signbit, "signbitf": np.signbit, "frsqrt_rn": lambda x: 1 / np.sqrt(x),
        "abs": np.abs, "llabs": np.abs, "max": np.maximum, "min": np.minimum, "llmax": np.maximum, "llmin": np.minimum,
        "umax": unsigned(np.maximum), "umin": unsigned(np.minimum), "ullmax": unsigned(np.maximum),
        "ullmin": unsigned(np.minimum), "hadd": average(False, False), "rhadd": average(True, False),
        "uhadd": average(False, True), "urhadd": average(True, True), "mul24": product24(False),
        "umul24": product24(True), "mulhi": high_product(False), "mul64hi": high_product(False),
        "umulhi": high_product(True), "umul64hi": high_product(True), "byte_perm": byte_permutation,
        "sad": lambda x, y, z: abs(x.astype(np.int64) - y) + z,
        "usad": lambda x, y, z: abs(wide_integer(x, True) - wide_integer(y, True)) + z,
        "brev": _intrinsic(bits.brev), "brevll": _intrinsic(bits.brev), "clz": _intrinsic(bits.clz),
        "clzll": _intrinsic(bits.clz), "ffs": _intrinsic(bits.ffs), "ffsll": _intrinsic(bits.ffs),
        "popc": _intrinsic(bits.popc), "popcll": _intrinsic(bits.popc),
        "double2hiint": lambda d: (d.view(np.int64) >> np.int64(32)).astype(np.int32),
        "double2loint": lambda d: d.view(np.int64).astype(np.int32),
        "hiloint2double": lambda x, y: (
            (x.astype(np.int64) << np.int64(32)) | (y.astype(np.int64) & np.int64(0xFFFFFFFF))
        ).view(np.float64),
        "double_as_longlong": _bits("i8"), "longlong_as_double": _bits("f8"), "float_as_int": _bits("i4"),
        "int_as_float": _bits("f4"), "float2half_rn": lambda f: f.astype(HALF).view(np.int16),
        "half2float": lambda h: h.view(HALF).astype(np.float32),
    }  # fmt: skip
    for mode in _STEPS:
        for name in ("add", "sub", "mul", "div", "sqrt", "rcp"):
            functions[f"d{name}_r{mode}"] = functions[f"f{name}_r{mode}"] = exact.rounded(name, mode)
        functions[f"fma_r{mode}"] = functions[f"fmaf_r{mode}"] = exact.rounded("fma", mode)
        for source in ("double", "float"):
            for name, code in (("int", "i4"), ("uint", "u4"), ("ll", "i8"), ("ull", "u8")):
                functions[f"{source}2{name}_r{mode}"] = _clamped(code, mode)
        functions[f"double2float_r{mode}"] = exact.rounded("float", mode, np.dtype(np.float32))
        for source in ("int", "ll"):
            for name, dtype in (("float", np.dtype(np.float32)), ("double", np.dtype(np.float64))):
                convert = exact.rounded("float", mode, dtype)
                functions[f"{source}2{name}_r{mode}"] = convert
                functions[f"u{source}2{name}_r{mode}"] = _of_unsigned(convert)
    return functions


def _of_unsigned(compute: Compute) -> Compute:
    return lambda value: compute(value.view(f"u{value.dtype.itemsize}"))


def declared(functions: Mapping[str, Any]) -> dict[str, Callable[..., Any]]:
    """The functions that numba-cuda declares ({"__nv_sin": (result, arguments), ...}), by name."""
    computes = _tables()
    found = {}
    for symbol, (result, arguments) in functions.items():
        name = symbol.removeprefix("__nv_")
        if name in computes:
            inputs = [np.dtype(str(part.ty)) for part in arguments if not part.is_ptr]
            outputs = [np.dtype(str(part.ty)) for part in arguments if part.is_ptr]
            if str(result) != "none":
                outputs.insert(0, np.dtype(str(result)))
            found[name] = _typed(computes[name], inputs, outputs)
    return found


def _typed(compute: Compute, inputs: list[np.dtype], outputs: list[np.dtype]) -> Callable[..., Any]:
    """`compute` with the arguments and the results of the declared types."""

    def function(t: Lanes, site: Site, *arguments: Any) -> Any:
        results = compute(*(cast(value, dtype) for value, dtype in zip(arguments, inputs, strict=True)))
        if len(outputs) == 1:
            return _as(results, outputs[0])
        return tuple(_as(part, dtype) for part, dtype in zip(results, outputs, strict=True))

    return function


def _as(value: Any, dtype: np.dtype) -> Any:
    """A result, which may be an array of Python's floats, as a value of its declared type."""
    value = np.asarray(value)[()]
    return value.astype(dtype) if value.dtype.kind == "O" else cast(value, dtype)
