"""`cuda.fp16`: the functions of CUDA's half precision header.

Arithmetic is carried out in float32 and rounded once to float16, which is exact for +, -, *, / and for
the square root. Source of the definitions: CUDA Math API, "Half Precision Intrinsics".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.numeric import cast, select
from gpusim.observe.base import Site

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes

HALF = np.dtype(np.float16)
_SINGLE = np.dtype(np.float32)
_DOUBLE = np.dtype(np.float64)

Compute = Callable[..., Any]


def _of_halves(compute: Compute, result: np.dtype = HALF) -> Callable[..., Any]:
    """A function of halves that is computed in float32."""

    def function(t: Lanes, site: Site, *arguments: Any) -> Any:
        return cast(compute(*(cast(cast(value, HALF), _SINGLE) for value in arguments)), result)

    return function


def _of_bits(compute: Compute, source: np.dtype) -> Callable[..., Any]:
    def function(t: Lanes, site: Site, value: Any) -> Any:
        return compute(cast(value, source))

    return function


def _fma(a: Any, b: Any, c: Any) -> Any:
    """a * b + c with one rounding: the product of two halves is exact in float64, and nearly always the sum."""
    return cast(a, _DOUBLE) * b + c


def _saturated(compute: Compute) -> Compute:
    """The result clamped to [0, 1]; NaN becomes 0."""
    return lambda *values: np.fmax(np.fmin(compute(*values), np.float32(1)), np.float32(0))


def _positive(compute: Compute) -> Compute:
    """Negative results become 0; NaN stays."""
    return lambda *values: np.maximum(compute(*values), np.float32(0))


def _unordered(compare: Compute) -> Compute:
    """Also true when an operand is NaN."""
    return lambda a, b: compare(a, b) | np.isnan(a) | np.isnan(b)


def _rounded(x: Any, mode: str) -> Any:
    """A float64 as float16: to nearest even (n), down (d), up (u) or towards zero (z)."""
    half = x.astype(HALF)
    if mode == "n":
        return half
    beyond = {"d": half > x, "u": half < x, "z": abs(half) > abs(x)}[mode]
    towards = {"d": np.float16(-np.inf), "u": np.float16(np.inf), "z": np.float16(0)}[mode]
    return select(beyond, np.nextafter(half, towards), half)


def _to_half(source: np.dtype, mode: str) -> Callable[..., Any]:
    def convert(t: Lanes, site: Site, value: Any) -> Any:
        return _rounded(cast(cast(value, source), _DOUBLE), mode)

    return convert


def _to_integer(target: np.dtype, mode: str) -> Callable[..., Any]:
    """Saturating conversions; NaN becomes 0."""
    step = {"n": np.rint, "d": np.floor, "u": np.ceil, "z": np.trunc}[mode]
    low, high = np.iinfo(target).min, np.iinfo(target).max

    def convert(t: Lanes, site: Site, value: Any) -> Any:
        whole = step(cast(cast(value, HALF), _DOUBLE))
        inside = cast(np.clip(np.nan_to_num(whole, posinf=65536.0, neginf=-65536.0), -65536.0, 65536.0), np.dtype("i8"))
        result = np.clip(inside, max(low, -65536), min(high, 65536))
        result = select(np.isposinf(whole), np.int64(min(high, 2**63 - 1)), result)
        result = select(np.isneginf(whole), np.int64(low), result)
        exact = cast(result, target)
        return select(np.isposinf(whole), target.type(high), exact)

    return convert


_MATH: dict[str, Compute] = {
    "hsin": np.sin, "hcos": np.cos, "hlog": np.log, "hlog2": np.log2, "hlog10": np.log10, "hexp": np.exp,
    "hexp2": np.exp2, "hexp10": lambda x: np.power(np.float32(10), x), "hsqrt": np.sqrt,
    "hrsqrt": lambda x: np.float32(1) / np.sqrt(x), "hceil": np.ceil, "hfloor": np.floor,
    "hrcp": lambda x: np.float32(1) / x, "htrunc": np.trunc, "hrint": np.rint, "htanh": np.tanh,
    "htanh_approx": np.tanh,
}  # fmt: skip
_ARITHMETIC: dict[str, Compute] = {
    "hadd": np.add, "hsub": np.subtract, "hmul": np.multiply, "hdiv": np.divide, "hneg": np.negative, "habs": np.abs,
    "hfma": _fma, "hmax": np.fmax, "hmin": np.fmin,
}  # fmt: skip
_ONLY_UNDERSCORED: dict[str, Compute] = {
    "hadd_rn": np.add, "hsub_rn": np.subtract, "hmul_rn": np.multiply, "hadd_sat": _saturated(np.add),
    "hsub_sat": _saturated(np.subtract), "hmul_sat": _saturated(np.multiply), "hfma_sat": _saturated(_fma),
    "hfma_relu": _positive(_fma), "hmax_nan": np.maximum, "hmin_nan": np.minimum,
}  # fmt: skip
_COMPARISONS: dict[str, Compute] = {
    "heq": np.equal, "hne": np.not_equal, "hge": np.greater_equal, "hgt": np.greater, "hle": np.less_equal,
    "hlt": np.less,
}  # fmt: skip
# How the names of conversions spell the types (short2half, half2ll, ...).
_INTEGERS = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "ll": "i8", "ull": "u8",
}  # fmt: skip
_BOOL = np.dtype(np.bool_)


def _table() -> dict[str, Callable[..., Any]]:
    functions = {name: _of_halves(compute) for name, compute in _MATH.items()}
    for name, compute in _ARITHMETIC.items():
        functions[name] = functions[f"__{name}"] = _of_halves(compute)
    functions |= {f"__{name}": _of_halves(compute) for name, compute in _ONLY_UNDERSCORED.items()}
    for name, compare in _COMPARISONS.items():
        functions[name] = functions[f"__{name}"] = _of_halves(compare, _BOOL)
        functions[f"__{name}u"] = _of_halves(_unordered(compare), _BOOL)
    functions["__hisnan"] = _of_halves(np.isnan, _BOOL)
    functions["__hisinf"] = _of_halves(lambda x: np.isinf(x) * np.sign(x), np.dtype(np.int32))
    functions["__half2float"] = _of_halves(lambda x: x, _SINGLE)
    functions["__double2half"] = _to_half(_DOUBLE, "n")
    functions["__float2half"] = _to_half(_SINGLE, "n")
    for mode in "nduz":
        functions[f"__float2half_r{mode}"] = _to_half(_SINGLE, mode)
        for name, code in _INTEGERS.items():
            functions[f"__{name}2half_r{mode}"] = _to_half(np.dtype(code), mode)
            functions[f"__half2{name}_r{mode}"] = _to_integer(np.dtype(code), mode)
    for name, code in (("short", "i2"), ("ushort", "u2")):
        integer = np.dtype(code)
        functions[f"__{name}_as_half"] = _of_bits(lambda value: value.view(HALF), integer)
        functions[f"__half_as_{name}"] = _of_bits(lambda value, integer=integer: value.view(integer), HALF)
    return functions


FUNCTIONS: dict[str, Callable[..., Any]] = {f"fp16.{name}": function for name, function in _table().items()}
