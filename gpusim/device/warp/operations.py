"""Warp operations: votes, matches and shuffles among the 32 lanes of a warp.

The first argument of each is a member mask: a 32-bit set that names the lanes which take part. A lane
that is named must execute the operation, unless it has returned; observers learn of masks for which
that may not hold. Semantics: PTX ISA, sections "vote.sync", "match.sync", "shfl.sync" and
"bar.warp.sync"; types of results: numba.cuda's declarations.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gpusim.device.warp.collective import collective
from gpusim.errors import KernelError
from gpusim.events.warps import WarpCall
from gpusim.memory.buffer import poisoned
from gpusim.numeric import truth
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import is_number, kind_of
from gpusim.simt.whereabouts import whereabouts

_ALL = 0xFFFFFFFF
_WARP = np.int64(32)
_SHUFFLED = tuple(np.dtype(name) for name in ("int32", "int64", "float32", "float64"))


def _ballot(t: Lanes, flags: np.ndarray) -> np.ndarray:
    """The flags of a warp as a 32-bit set, in each of its lanes, uint32."""
    geometry = t.chunk.geometry
    bits = flags.astype(np.uint32) << geometry.lane_id.astype(np.uint32)
    return np.bitwise_or.reduceat(bits, geometry.warp_starts)[geometry.warp]


def _everyone(t: Lanes, mask: Any) -> bool:
    """The ordinary case: all threads are active and the mask names all lanes."""
    return t.mask.full and not isinstance(mask, np.ndarray) and int(mask) & _ALL == _ALL


def _call(t: Lanes, site: Site, mask: Any, elsewhere: bool = False) -> WarpCall:
    """Who takes part; tells the observers."""
    if not is_number(mask) or mask.dtype.kind not in "iu":
        raise KernelError(f"the member mask in `{site.text}` is not an integer", site)
    chunk = t.chunk
    named = np.broadcast_to(np.asarray(mask).astype(np.uint32), chunk.lanes)
    whole, search = chunk.geometry.warp_lanes, partial(whereabouts, t)
    if _everyone(t, mask):
        return WarpCall(site, t.mask, chunk, named, whole, whole, elsewhere, search)
    alive = whole if t.exited is None else _ballot(t, ~t.exited.bits)
    call = WarpCall(site, t.mask, chunk, named, _ballot(t, t.mask.bits), alive, elsewhere, search)
    for observer in t.launch.watching("warp_call"):
        observer.warp_call(call)
    return call


# Votes


def _votes(t: Lanes, site: Site, mask: Any, predicate: Any) -> tuple[np.ndarray, np.ndarray]:
    """(lanes that say yes, lanes that take part), uint32 in each lane."""
    if not is_number(predicate) or predicate.dtype.kind not in "biu":
        raise KernelError(f"`{site.text}` votes on {kind_of(predicate)}; numba-cuda votes on integers and bools", site)
    call = _call(t, site, mask)
    voters = call.named & call.present
    return _ballot(t, np.broadcast_to(truth(predicate), t.chunk.lanes)) & voters, voters


def ballot_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.ballot_sync(mask, predicate)`: the set of lanes whose predicate holds, int32."""
    return _votes(t, site, mask, predicate)[0].astype(np.int32)


def any_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.any_sync(mask, predicate)`, bool"""
    return _votes(t, site, mask, predicate)[0] != 0


def all_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.all_sync(mask, predicate)`, bool"""
    yes, voters = _votes(t, site, mask, predicate)
    return yes == voters


def eq_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.eq_sync(mask, predicate)`: the predicate is the same in all members, bool"""
    yes, voters = _votes(t, site, mask, predicate)
    return (yes == 0) | (yes == voters)


def activemask(t: Lanes, site: Site) -> np.ndarray:
    """`cuda.activemask()`, uint32"""
    return t.schedule.own(_ballot(t, t.mask.bits))


def lanemask_lt(t: Lanes, site: Site) -> np.ndarray:
    """`cuda.lanemask_lt()`: the lanes before this one, uint32."""
    return t.schedule.own((np.uint32(1) << t.chunk.geometry.lane_id.astype(np.uint32)) - np.uint32(1))


# Matches


def _equals(t: Lanes, site: Site, mask: Any, value: Any) -> tuple[np.ndarray, np.ndarray]:
    """(members whose bits equal this lane's, members), uint32 in each lane."""
    call = _call(t, site, mask)
    members = call.named & call.present
    if not is_number(value) or value.dtype.kind not in "biuf":
        raise KernelError(f"`{site.text}` compares {kind_of(value)}; it needs a number", site)
    bits = np.broadcast_to(value.view(f"u{value.dtype.itemsize}"), t.chunk.lanes)
    first = t.chunk.geometry.warp_starts[t.chunk.geometry.warp]
    equal = np.zeros(t.chunk.lanes, dtype=np.uint32)
    for lane in range(32):
        other = bits[np.minimum(first + lane, t.chunk.lanes - 1)]
        equal |= (other == bits).astype(np.uint32) << np.uint32(lane)
    return equal & members, members


def match_any_sync(t: Lanes, site: Site, mask: Any, value: Any) -> np.ndarray:
    """`cuda.match_any_sync(mask, value)`: the members with the same value as this lane, int32."""
    return _equals(t, site, mask, value)[0].astype(np.int32)


def match_all_sync(t: Lanes, site: Site, mask: Any, value: Any) -> tuple[np.ndarray, np.ndarray]:
    """`cuda.match_all_sync(mask, value)`: (the members if all have the same value, else 0; whether they do)."""
    equal, members = _equals(t, site, mask, value)
    same = equal == members
    return np.where(same, members, 0).astype(np.int32), same


# Shuffles


def _from_lane(lane: Any, source: Any, first: Any, last: Any) -> tuple[Any, Any]:
    return first + (source & (last - first)), True


def _from_below(lane: Any, delta: Any, first: Any, last: Any) -> tuple[Any, Any]:
    return lane - delta, lane - delta >= first


def _from_above(lane: Any, delta: Any, first: Any, last: Any) -> tuple[Any, Any]:
    return lane + delta, lane + delta <= last


def _from_partner(lane: Any, mask: Any, first: Any, last: Any) -> tuple[Any, Any]:
    return lane ^ mask, lane ^ mask <= last


Source = Callable[[Any, Any, Any, Any], tuple[Any, Any]]


def _shuffle(source_of: Source, relative: bool) -> Callable[..., Any]:
    """A shuffle whose lanes read from `source_of(lane, argument, first, last)`, or from themselves if that says so.

    `first` and `last` bound the lane's group: the warp is divided into groups of `width` lanes, a power of two.
    """

    def shuffle(t: Lanes, site: Site, mask: Any, value: Any, argument: Any, width: Any = _WARP) -> Any:
        if not is_number(value) or value.dtype not in _SHUFFLED:
            raise KernelError(
                f"`{site.text}` exchanges {kind_of(value)}; "
                "numba-cuda exchanges int32, int64, float32 and float64 (convert the value first)",
                site,
            )
        if not is_number(argument) or argument.dtype.kind not in "iu":
            raise KernelError(f"the lane in `{site.text}` is not an integer", site)
        argument = argument.astype(np.int64) & 31
        if _everyone(t, mask) and not isinstance(argument, np.ndarray) and t.chunk.threads % 32 == 0:
            source = _inside(source_of, np.arange(32), argument, width)
            return np.broadcast_to(value, t.chunk.lanes).reshape(-1, 32)[:, source].reshape(-1)
        geometry = t.chunk.geometry
        source = _inside(source_of, geometry.lane_id.astype(np.int64), argument, width)
        call = _call(t, site, mask)
        given = (call.named & call.present) >> source.astype(np.uint32) & np.uint32(1) != 0
        if not given[t.mask.bits].all():
            for observer in t.launch.watching("shuffle"):
                observer.shuffle(call, source, relative)
        place = np.minimum(geometry.warp_starts[geometry.warp] + source, t.chunk.lanes - 1)
        result = np.broadcast_to(value, t.chunk.lanes)[place]
        result[~given] = poisoned(result.dtype.itemsize, result.dtype).view(result.dtype)[0]
        return result

    return shuffle


def _inside(source_of: Source, lane: np.ndarray, argument: Any, width: Any) -> np.ndarray:
    first = lane & -width.astype(np.int64)
    source, valid = source_of(lane, argument, first, first + width.astype(np.int64) - 1)
    return np.where(valid, source, lane)


def syncwarp(t: Lanes, site: Site, mask: Any = None) -> None:
    """`cuda.syncwarp(mask)`: lanes in lockstep are synchronised already; observers start a new epoch."""
    call = _call(t, site, np.uint32(_ALL) if mask is None else mask, elsewhere=True)
    members = np.where(t.mask.bits, call.named & call.alive, np.uint32(0))
    for observer in t.on_warp_barrier:
        observer.warp_barrier(site, t.mask, t.chunk, members)


SHUFFLES: dict[str, Callable[..., Any]] = {
    "shfl_sync": collective("warp", _shuffle(_from_lane, relative=False)),
    "shfl_up_sync": collective("warp", _shuffle(_from_below, relative=True)),
    "shfl_down_sync": collective("warp", _shuffle(_from_above, relative=True)),
    "shfl_xor_sync": collective("warp", _shuffle(_from_partner, relative=True)),
}

FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ballot_sync": collective("warp", ballot_sync),
    "any_sync": collective("warp", any_sync),
    "all_sync": collective("warp", all_sync),
    "eq_sync": collective("warp", eq_sync),
    "match_any_sync": collective("warp", match_any_sync),
    "match_all_sync": collective("warp", match_all_sync),
    "activemask": activemask,
    "lanemask_lt": lanemask_lt,
    "syncwarp": collective("warp", syncwarp),
    **SHUFFLES,
}
