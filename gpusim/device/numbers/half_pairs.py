"""Functions of two bfloat16 at once, `nv_bfloat162`: the packed half of CUDA's header cuda_bf16.h.

Source of the definitions: CUDA Math API, "Bfloat162 Arithmetic Functions" and the sections after it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.device.numbers.half import ARITHMETIC, COMPARISONS, MATH, SINGLE, scalars
from gpusim.device.numbers.vectors import FUNCTIONS as VECTORS
from gpusim.device.warp.operations import SHUFFLES
from gpusim.errors import KernelError
from gpusim.numeric import cast
from gpusim.numeric.dtypes import BFLOAT16
from gpusim.numeric.narrow import rounded
from gpusim.numeric.pairs import BFloat162
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import kind_of

Intrinsic = Callable[..., Any]
_SCALARS = scalars(BFLOAT16, "bfloat16")
_ONE = np.float32(1).astype(BFLOAT16)
_UNDEFINED = np.uint16(0xFFFF).view(BFLOAT16)


def _checked(site: Site, value: Any) -> BFloat162:
    if not isinstance(value, BFloat162):
        raise KernelError(f"`{site.text}` takes nv_bfloat162, not {kind_of(value)}", site)
    return value


def _halves(t: Lanes, site: Site, scalar: Intrinsic, pairs: tuple[Any, ...]) -> list[Any]:
    """What a function of numbers gives for the low halves, and for the high ones."""
    return [scalar(t, site, *parts) for parts in zip(*(_checked(site, pair) for pair in pairs), strict=True)]


def _each(scalar: Intrinsic) -> Intrinsic:
    """A function of numbers on both halves."""
    return lambda t, site, *pairs: BFloat162(*_halves(t, site, scalar, pairs))


def _flags(compare: Intrinsic) -> Intrinsic:
    """1.0 in the halves for which a comparison holds, 0.0 in the others."""
    return lambda t, site, *pairs: BFloat162(*(cast(flag, BFLOAT16) for flag in _halves(t, site, compare, pairs)))


def _mask(compare: Intrinsic) -> Intrinsic:
    """The bits of the halves for which a comparison holds, uint32."""

    def mask(t: Lanes, site: Site, *pairs: Any) -> Any:
        low, high = (cast(flag, np.dtype(np.uint32)) for flag in _halves(t, site, compare, pairs))
        return low * np.uint32(0xFFFF) + high * np.uint32(0xFFFF0000)

    return mask


def _both(compare: Intrinsic) -> Intrinsic:
    """Whether a comparison holds for both halves."""

    def both(t: Lanes, site: Site, *pairs: Any) -> Any:
        low, high = _halves(t, site, compare, pairs)
        return low & high

    return both


def construct(t: Lanes, site: Site, *parts: Any) -> BFloat162:
    """`nv_bfloat162()`, which is undefined, `nv_bfloat162(pair)` or `nv_bfloat162(low, high)`."""
    if not parts:
        return BFloat162(_UNDEFINED, _UNDEFINED)
    if len(parts) == 1:
        return _checked(site, parts[0])
    return BFloat162(*(cast(part, BFLOAT16) for part in parts))


def _from_floats(t: Lanes, site: Site, *floats: Any) -> BFloat162:
    """One float32 for both halves, one for each, or a float32x2."""
    low, high = floats[0] if isinstance(floats[0], tuple) else (floats[0], floats[-1])
    return BFloat162(*(rounded(cast(part, SINGLE), BFLOAT16, "n") for part in (low, high)))


def _to_float2(t: Lanes, site: Site, pair: Any) -> Any:
    return VECTORS["float32x2"](t, site, *(cast(half, SINGLE) for half in _checked(site, pair)))


def _pick(*places: tuple[int, int]) -> Intrinsic:
    """A pair made of halves of the arguments: `places` are (argument, 0 for its low and 1 for its high half)."""
    return lambda t, site, *pairs: BFloat162(*(_checked(site, pairs[which])[half] for which, half in places))


def _half(index: int, single: bool = False) -> Intrinsic:
    def half(t: Lanes, site: Site, pair: Any) -> Any:
        value = _checked(site, pair)[index]
        return cast(value, SINGLE) if single else value

    return half


def _complex_fma(t: Lanes, site: Site, a: Any, b: Any, c: Any) -> BFloat162:
    """a * b + c of complex numbers (real part low), as two fused multiplications and additions for each part."""
    fma, negate = _SCALARS["__hfma"], _SCALARS["__hneg"]
    a, b, c = (_checked(site, pair) for pair in (a, b, c))
    real = fma(t, site, a.x, b.x, c.x)
    imaginary = fma(t, site, a.x, b.y, c.y)
    return BFloat162(fma(t, site, negate(t, site, a.y), b.y, real), fma(t, site, a.y, b.x, imaginary))


def _shuffle(name: str) -> Intrinsic:
    """A shuffle of one number or of a pair, which travels as a word of 32 bits."""

    def exchange(t: Lanes, site: Site, mask: Any, value: Any, argument: Any, width: Any) -> Any:
        if not isinstance(value, BFloat162):
            return _SCALARS[f"__{name}"](t, site, mask, value, argument, width)
        low, high = (half.view(np.uint16).astype(np.uint32) for half in value)
        word = (low | high << np.uint32(16)).view(np.int32)
        moved = SHUFFLES[name](t, site, mask, word, argument, width).view(np.uint32)
        return BFloat162(*(part.astype(np.uint16).view(BFLOAT16) for part in (moved, moved >> np.uint32(16))))

    return exchange


def _table() -> dict[str, Intrinsic]:
    functions = {f"h2{name}": _each(_SCALARS[f"h{name}"]) for name in MATH}
    for name in ARITHMETIC:
        operation, _, variant = name.partition("_")
        packed = "__h2div" if name == "div" else f"__h{operation}2{'_' if variant else ''}{variant}"
        functions[packed] = _each(_SCALARS[f"__h{name}"])
    for name in COMPARISONS:
        compare = _SCALARS[f"__h{name}"]
        functions |= {
            f"__h{name}2": _flags(compare),
            f"__h{name}2_mask": _mask(compare),
            f"__hb{name}2": _both(compare),
        }
    functions |= {f"__{name}": _shuffle(name) for name in SHUFFLES}
    functions |= dict.fromkeys(("__float2bfloat162_rn", "__floats2bfloat162_rn", "__float22bfloat162_rn"), _from_floats)
    functions |= dict.fromkeys(("__nv_bfloat162", "make_bfloat162", "__halves2bfloat162"), construct)
    return functions | {
        "__hisnan2": _flags(_SCALARS["__hisnan"]),
        "__hcmadd": _complex_fma,
        "__bfloat1622float2": _to_float2,
        "__bfloat162bfloat162": lambda t, site, value: construct(t, site, value, value),
        "__low2float": _half(0, single=True),
        "__high2float": _half(1, single=True),
        "__low2bfloat16": _half(0),
        "__high2bfloat16": _half(1),
        "__lowhigh2highlow": _pick((0, 1), (0, 0)),
        "__lows2bfloat162": _pick((0, 0), (1, 0)),
        "__highs2bfloat162": _pick((0, 1), (1, 1)),
        "__low2bfloat162": _pick((0, 0), (0, 0)),
        "__high2bfloat162": _pick((0, 1), (0, 1)),
    }


FUNCTIONS: dict[str, Intrinsic] = {f"_internal.cuda_bf16.{name}": function for name, function in _table().items()}
