"""Bit manipulation and the few arithmetic functions that numba.cuda adds to `math`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.numeric import cast, exact, select, truth, unify
from gpusim.places import Site
from gpusim.simt.lanes import Lanes


def _unsigned(value: Any) -> tuple[Any, int]:
    """The bits of an integer as uint32 or uint64, and their number."""
    width = 64 if value.dtype.itemsize == 8 else 32
    return cast(value, np.dtype(f"uint{width}")), width


def popc(t: Lanes, site: Site, value: Any) -> Any:
    """Number of bits that are set, int32."""
    return np.bitwise_count(_unsigned(value)[0]).astype(np.int32)


def brev(t: Lanes, site: Site, value: Any) -> Any:
    """Bits in reverse order."""
    bits, width = _unsigned(value)
    result = bits ^ bits
    for position in range(width):
        result = result | (
            ((bits >> bits.dtype.type(position)) & bits.dtype.type(1)) << bits.dtype.type(width - 1 - position)
        )
    return result


def clz(t: Lanes, site: Site, value: Any) -> Any:
    """Number of zeros before the first set bit."""
    bits, width = _unsigned(value)
    for shift in (1, 2, 4, 8, 16, 32)[: 5 + (width == 64)]:
        bits = bits | (bits >> bits.dtype.type(shift))
    return np.int64(width) - np.bitwise_count(bits).astype(np.int64)


def ffs(t: Lanes, site: Site, value: Any) -> Any:
    """Position of the last set bit, counted from 1; 0 if there is none."""
    bits, _ = _unsigned(value)
    below = bits ^ (bits - bits.dtype.type(1))
    return select(truth(bits), np.bitwise_count(below).astype(np.int64), np.int64(0))


def fma(t: Lanes, site: Site, a: Any, b: Any, c: Any) -> Any:
    """a * b + c with one rounding."""
    dtype = unify(unify(a.dtype, b.dtype), c.dtype)
    return exact.fma(cast(a, dtype), cast(b, dtype), cast(c, dtype))


def cbrt(t: Lanes, site: Site, value: Any) -> Any:
    """The cube root, in float32 for float32 and in float64 for everything else."""
    return np.cbrt(value if value.dtype == np.float32 else cast(value, np.dtype(np.float64)))


def selp(t: Lanes, site: Site, condition: Any, a: Any, b: Any) -> Any:
    """a where the condition holds, else b."""
    return select(truth(condition), a, b)


def nanosleep(t: Lanes, site: Site, nanoseconds: Any) -> None:
    """Time does not pass on the simulator."""


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "popc": popc,
    "brev": brev,
    "clz": clz,
    "ffs": ffs,
    "fma": fma,
    "cbrt": cbrt,
    "selp": selp,
    "nanosleep": nanosleep,
}
