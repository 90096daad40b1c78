"""Functions of numbers with 16 bits: CUDA's headers cuda_fp16.h and cuda_bf16.h, for float16 and bfloat16.

Arithmetic is carried out in float32 and rounded once to 16 bits, which is exact for +, -, *, / and for the square root
(S. A. Figueroa, "When is double rounding innocuous?", 1995). Source of the definitions: CUDA Math API, "Half Precision
Intrinsics" and "Bfloat16 Precision Intrinsics". numba-cuda names them as the headers do, `__hadd`, and offers most of
them in `cuda.fp16` and `cuda.bf16` under names such as `hadd`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.device.warp.operations import SHUFFLES
from gpusim.errors import KernelError
from gpusim.numeric import cast
from gpusim.numeric.dtypes import BFLOAT16
from gpusim.numeric.exact import fma_to_odd
from gpusim.numeric.integers import clamped
from gpusim.numeric.narrow import nearest, rounded
from gpusim.places import Site
from gpusim.simt.lanes import Lanes

HALF = np.dtype(np.float16)
SINGLE = np.dtype(np.float32)
DOUBLE = np.dtype(np.float64)
BOOL = np.dtype(np.bool_)

Compute = Callable[..., Any]
Intrinsic = Callable[..., Any]


def of_halves(compute: Compute, dtype: np.dtype, result: np.dtype | None = None) -> Intrinsic:
    """A function of numbers of type `dtype` that is computed in float32; the result is of that type or of another."""

    count = compute.nin if isinstance(compute, np.ufunc) else compute.__code__.co_argcount

    def function(t: Lanes, site: Site, *arguments: Any) -> Any:
        if len(arguments) != count:
            raise KernelError(f"`{site.text}` takes {count} numbers, not {len(arguments)}", site)
        outcome = compute(*(cast(cast(value, dtype), SINGLE) for value in arguments))
        return nearest(outcome, dtype) if result is None else cast(outcome, result)

    return function


def _saturated(value: Any) -> Any:
    """Clamped to [0, 1]; NaN becomes 0."""
    return np.fmin(np.fmax(value, np.float32(0)), np.float32(1))


def _positive(value: Any) -> Any:
    """Negative numbers become 0; NaN stays."""
    return np.maximum(value, np.float32(0))


def _unordered(compare: Compute) -> Compute:
    """Also true when an operand is NaN."""
    return lambda a, b: compare(a, b) | np.isnan(a) | np.isnan(b)


def _extremum(ufunc: np.ufunc) -> Compute:
    """The larger or smaller number, where +0 is larger than -0: the sum of zeros is +0 unless both are -0."""
    sign = np.float32(1 if ufunc in (np.fmax, np.maximum) else -1)

    def extremum(a: Any, b: Any) -> Any:
        zeros = sign * (sign * a + sign * b)
        return np.where((a == 0) & (b == 0), zeros, ufunc(a, b))[()]

    return extremum


def _sign_of_infinity(x: Any) -> Any:
    return np.isposinf(x) * np.float32(1) - np.isneginf(x) * np.float32(1)


MATH: dict[str, Compute] = {
    "sin": np.sin, "cos": np.cos, "log": np.log, "log2": np.log2, "log10": np.log10, "exp": np.exp, "exp2": np.exp2,
    "exp10": lambda x: np.power(np.float32(10), x), "sqrt": np.sqrt, "rsqrt": lambda x: np.float32(1) / np.sqrt(x),
    "rcp": lambda x: np.float32(1) / x, "ceil": np.ceil, "floor": np.floor, "trunc": np.trunc, "rint": np.rint,
    "tanh": np.tanh, "tanh_approx": np.tanh,
}  # fmt: skip
ARITHMETIC: dict[str, Compute] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "neg": np.negative, "abs": np.abs,
    "fma": fma_to_odd, "max": _extremum(np.fmax), "min": _extremum(np.fmin), "add_rn": np.add, "sub_rn": np.subtract,
    "mul_rn": np.multiply, "add_sat": lambda a, b: _saturated(a + b), "sub_sat": lambda a, b: _saturated(a - b),
    "mul_sat": lambda a, b: _saturated(a * b), "fma_sat": lambda a, b, c: _saturated(fma_to_odd(a, b, c)),
    "fma_relu": lambda a, b, c: _positive(fma_to_odd(a, b, c)),
    "max_nan": _extremum(np.maximum), "min_nan": _extremum(np.minimum),
}  # fmt: skip
_ORDERED: dict[str, Compute] = {
    "eq": np.equal, "ne": lambda a, b: (a < b) | (a > b), "ge": np.greater_equal, "gt": np.greater,
    "le": np.less_equal, "lt": np.less,
}  # fmt: skip
COMPARISONS = _ORDERED | {f"{name}u": _unordered(compare) for name, compare in _ORDERED.items()}
# How the names of conversions spell the types (short2half, half2ll, ...).
_INTEGERS = {
    "char": "i1", "uchar": "u1", "short": "i2", "ushort": "u2", "int": "i4", "uint": "u4", "ll": "i8", "ull": "u8",
}  # fmt: skip
_ROUND = {"n": np.rint, "d": np.floor, "u": np.ceil, "z": np.trunc}


def _from(source: np.dtype, dtype: np.dtype, mode: str = "n") -> Intrinsic:
    def convert(t: Lanes, site: Site, value: Any) -> Any:
        return rounded(cast(value, source), dtype, mode)

    return convert


def _to_integer(dtype: np.dtype, target: np.dtype, mode: str) -> Intrinsic:
    def convert(t: Lanes, site: Site, value: Any) -> Any:
        return clamped(cast(value, dtype), target, _ROUND[mode])

    return convert


def _bits(source: np.dtype, target: np.dtype) -> Intrinsic:
    """The same bits as another type."""

    def reinterpret(t: Lanes, site: Site, value: Any) -> Any:
        return cast(value, source).view(target)

    return reinterpret


def _shuffle(dtype: np.dtype, shuffle: Intrinsic) -> Intrinsic:
    """Shuffles exchange any bits; those of 32 bits serve."""
    word = np.dtype(np.int32)

    def exchange(t: Lanes, site: Site, mask: Any, value: Any, argument: Any, width: Any) -> Any:
        bits = cast(cast(value, dtype).view(np.int16), word)
        return cast(shuffle(t, site, mask, bits, argument, width), np.dtype(np.int16)).view(dtype)

    return exchange


def scalars(dtype: np.dtype, word: str) -> dict[str, Intrinsic]:
    """The functions of single numbers in the header of `dtype`, which calls that type `word` in names."""
    functions = {f"h{name}": of_halves(compute, dtype) for name, compute in MATH.items()}
    functions |= {f"__h{name}": of_halves(compute, dtype) for name, compute in ARITHMETIC.items()}
    functions |= {f"__h{name}": of_halves(compare, dtype, BOOL) for name, compare in COMPARISONS.items()}
    functions["__hisnan"] = of_halves(np.isnan, dtype, BOOL)
    functions["__hisinf"] = of_halves(_sign_of_infinity, dtype, np.dtype(np.int32))
    functions[f"__{word}2float"] = of_halves(lambda x: x, dtype, SINGLE)
    functions[f"__double2{word}"] = _from(DOUBLE, dtype)
    functions[f"__float2{word}"] = _from(SINGLE, dtype)
    for mode in "nduz":
        functions[f"__float2{word}_r{mode}"] = _from(SINGLE, dtype, mode)
        for name, code in _INTEGERS.items():
            functions[f"__{name}2{word}_r{mode}"] = _from(np.dtype(code), dtype, mode)
            functions[f"__{word}2{name}_r{mode}"] = _to_integer(dtype, np.dtype(code), mode)
    for name, code in (("short", "i2"), ("ushort", "u2")):
        functions[f"__{name}_as_{word}"] = _bits(np.dtype(code), dtype)
        functions[f"__{word}_as_{name}"] = _bits(dtype, np.dtype(code))
    functions |= {f"__{name}": _shuffle(dtype, shuffle) for name, shuffle in SHUFFLES.items()}
    return functions


_HALVES = scalars(HALF, "half")

FUNCTIONS: dict[str, Intrinsic] = {
    **{f"_internal.cuda_fp16.{name}": function for name, function in _HALVES.items()},
    **{f"_internal.cuda_bf16.{name}": function for name, function in scalars(BFLOAT16, "bfloat16").items()},
    # Numba's own simulator has functions of its own behind these names.
    **{f"fp16.{name.removeprefix('__')}": function for name, function in _HALVES.items()},
}
