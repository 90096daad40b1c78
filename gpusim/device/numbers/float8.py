"""CUDA's header cuda_fp8.h: conversions between the bits of 8-bit floats and wider numbers.

The types themselves, `fp8_e4m3`, `fp8_e5m2` and `fp8_e8m0`, are casts (gpusim.numeric.narrow). Source of the
definitions: CUDA Math API, "FP8 Conversion and Data Movement".
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from gpusim.errors import KernelError
from gpusim.numeric import cast
from gpusim.numeric.dtypes import BFLOAT16, FLOAT8_E4M3, FLOAT8_E5M2, FLOAT8_E8M0, Value
from gpusim.numeric.narrow import to_e8m0, to_float8
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import kind_of

Intrinsic = Callable[..., Any]
# Of the enumerations in CUDA's headers: __nv_saturation_t, __nv_fp8_interpretation_t and cudaRoundMode.
_SATFINITE = 1
_INTERPRETATIONS = {0: FLOAT8_E4M3, 1: FLOAT8_E5M2}
_ROUND_ZERO, _ROUND_POSITIVE = 1, 2

_SINGLE = np.dtype(np.float32)
_DOUBLE = np.dtype(np.float64)


class RawBFloat16(NamedTuple):
    """`__nv_bfloat16_raw`: the bits of a bfloat16, uint16."""

    x: Value


def _number(site: Site, value: Any, dtype: np.dtype) -> Value:
    """The argument of a conversion, for whose name Numba takes exactly this type."""
    if isinstance(value, RawBFloat16):
        return value.x.view(BFLOAT16)
    if dtype == BFLOAT16:
        raise KernelError(f"`{site.text}` takes bfloat16_raw, not {kind_of(value)}", site)
    return cast(value, dtype)


def _choice(site: Site, value: Any) -> int:
    if isinstance(value, np.ndarray):
        raise KernelError(f"the modes in `{site.text}` must be the same in all threads", site)
    return int(value)


def _to_bits(source: np.dtype) -> Intrinsic:
    """`cvt_SOURCE_to_fp8(value, saturation, interpretation)`, uint8"""

    def convert(t: Lanes, site: Site, value: Any, saturation: Any, interpretation: Any) -> Value:
        dtype = _INTERPRETATIONS[_choice(site, interpretation)]
        saturate = _choice(site, saturation) == _SATFINITE
        return to_float8(_number(site, value, source), dtype, saturate).view(np.uint8)

    return convert


def _to_e8m0_bits(source: np.dtype) -> Intrinsic:
    """`cvt_SOURCE_to_e8m0(value, saturation, rounding)`, uint8; of cudaRoundMode it takes Zero and PosInf."""

    def convert(t: Lanes, site: Site, value: Any, saturation: Any, rounding: Any) -> Value:
        mode = _choice(site, rounding)
        if mode not in (_ROUND_ZERO, _ROUND_POSITIVE):
            raise KernelError(f"`{site.text}` rounds to cudaRoundZero or cudaRoundPosInf only", site)
        saturate = _choice(site, saturation) == _SATFINITE
        return to_e8m0(_number(site, value, source), saturate, up=mode == _ROUND_POSITIVE).view(np.uint8)

    return convert


def _pair(convert: Intrinsic) -> Intrinsic:
    """The bits of two numbers, the first one's low, uint16."""

    def convert_pair(t: Lanes, site: Site, values: Any, *modes: Any) -> Value:
        low, high = (convert(t, site, value, *modes).astype(np.uint16) for value in values)
        return low | high << np.uint16(8)

    return convert_pair


def _e8m0_to_bfloat16(t: Lanes, site: Site, bits: Any) -> RawBFloat16:
    """`cvt_e8m0_to_bf16raw(bits)`"""
    power = cast(cast(bits, np.dtype(np.uint8)).view(FLOAT8_E8M0), BFLOAT16)
    return RawBFloat16(power.view(np.uint16))


@cache
def _kind(name: str, count: int) -> Any:
    return namedtuple(name, [f"item{k}" for k in range(count)])


def _packed(name: str, dtype: np.dtype, count: int) -> Intrinsic:
    """`fp8x2_e4m3(vector)` and the like: `count` 8-bit floats, made of a vector of float32 or float64."""

    def construct(t: Lanes, site: Site, *vectors: Any) -> Any:
        kind = _kind(name, count)
        if not vectors:
            return kind(*[np.uint8(0xFF).view(dtype)] * count)
        if len(vectors) > 1 or not isinstance(vectors[0], tuple) or len(vectors[0]) != count:
            raise KernelError(f"`{site.text}` takes one vector of {count} float32 or float64", site)
        return kind(*(cast(part, dtype) for part in vectors[0]))

    return construct


def _table() -> dict[str, Intrinsic]:
    functions: dict[str, Intrinsic] = {"cvt_e8m0_to_bf16raw": _e8m0_to_bfloat16}
    for name, source in (("double", _DOUBLE), ("float", _SINGLE), ("bfloat16raw", BFLOAT16)):
        bits, power = _to_bits(source), _to_e8m0_bits(source)
        functions |= {f"cvt_{name}_to_fp8": bits, f"cvt_{name}_to_e8m0": power}
        functions |= {f"cvt_{name}2_to_fp8x2": _pair(bits), f"cvt_{name}2_to_e8m0x2": _pair(power)}
    for suffix, dtype in (("e4m3", FLOAT8_E4M3), ("e5m2", FLOAT8_E5M2), ("e8m0", FLOAT8_E8M0)):
        for count in (2, 4):
            name = f"fp8x{count}_{suffix}"
            functions[name] = _packed(name, dtype, count)
    return functions


FUNCTIONS: dict[str, Intrinsic] = {f"_internal.cuda_fp8.{name}": function for name, function in _table().items()}
