"""Warp operations: votes and shuffles among the 32 lanes of a warp.

The mask argument names the lanes that take part; only active ones of them count.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.cuda.collective import collective
from gpusim.numeric import truth
from gpusim.observe.base import Site

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def _members(t: Lanes, mask: Any) -> np.ndarray:
    """Active lanes that the mask names, bool (lanes)."""
    lane = t.chunk.geometry.lane_id.astype(np.uint64)
    named = (np.asarray(mask).astype(np.uint64) >> lane) & np.uint64(1)
    return named.astype(np.bool_) & t.mask.bits


def _ballot(t: Lanes, flags: np.ndarray) -> np.ndarray:
    """The flags of a warp as a 32-bit number, in each of its lanes, uint32."""
    geometry = t.chunk.geometry
    bits = flags.astype(np.uint32) << geometry.lane_id.astype(np.uint32)
    return np.bitwise_or.reduceat(bits, geometry.warp_starts)[geometry.warp]


def ballot_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.ballot_sync(mask, predicate)`"""
    return _ballot(t, _members(t, mask) & np.broadcast_to(truth(predicate), t.chunk.lanes))


def any_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.any_sync(mask, predicate)`"""
    return ballot_sync(t, site, mask, predicate) != 0


def all_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.all_sync(mask, predicate)`"""
    return ballot_sync(t, site, mask, predicate) == _ballot(t, _members(t, mask))


def eq_sync(t: Lanes, site: Site, mask: Any, predicate: Any) -> np.ndarray:
    """`cuda.eq_sync(mask, predicate)`: the predicate is the same in all members."""
    votes = ballot_sync(t, site, mask, predicate)
    return (votes == 0) | (votes == _ballot(t, _members(t, mask)))


def activemask(t: Lanes, site: Site) -> np.ndarray:
    """`cuda.activemask()`"""
    return t.own(_ballot(t, t.mask.bits))


def lanemask_lt(t: Lanes, site: Site) -> np.ndarray:
    """`cuda.lanemask_lt()`: the lanes before this one."""
    return t.own((np.uint32(1) << t.chunk.geometry.lane_id.astype(np.uint32)) - np.uint32(1))


def syncwarp(t: Lanes, site: Site, mask: Any = None) -> None:
    """`cuda.syncwarp(mask)`: lanes in lockstep are synchronised already; observers start a new epoch."""
    members = t.mask.bits if mask is None else _members(t, mask)
    for observer in t.on_warp_barrier:
        observer.warp_barrier(site, t.mask, t.chunk, members)


def _shuffled(source_of: Callable[[np.ndarray, np.ndarray, int], np.ndarray]) -> Callable[..., Any]:
    """A shuffle whose source lane is `source_of(lane, argument, width)`; outside its segment a lane keeps its value."""

    def shuffle(t: Lanes, site: Site, mask: Any, value: Any, argument: Any, width: Any = None) -> Any:
        geometry = t.chunk.geometry
        lanes = t.chunk.lanes
        lane = geometry.lane_id.astype(np.int64)
        source = source_of(lane, np.broadcast_to(argument, lanes).astype(np.int64), 32)
        warp_start = np.arange(lanes, dtype=np.int64) - lane
        inside = (source >= 0) & (source < 32)
        target = np.where(inside, warp_start + source, warp_start + lane)
        same_block = (target < lanes) & (
            geometry.block_of_lane[np.minimum(target, lanes - 1)] == geometry.block_of_lane
        )
        target = np.where(same_block, target, warp_start + lane)
        return np.broadcast_to(value, lanes)[target]

    return shuffle


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "ballot_sync": collective("warp", ballot_sync),
    "any_sync": collective("warp", any_sync),
    "all_sync": collective("warp", all_sync),
    "eq_sync": collective("warp", eq_sync),
    "activemask": activemask,
    "lanemask_lt": lanemask_lt,
    "syncwarp": collective("warp", syncwarp),
    "shfl_sync": collective("warp", _shuffled(lambda lane, source, width: source % width)),
    "shfl_up_sync": collective("warp", _shuffled(lambda lane, delta, width: lane - delta)),
    "shfl_down_sync": collective("warp", _shuffled(lambda lane, delta, width: lane + delta)),
    "shfl_xor_sync": collective("warp", _shuffled(lambda lane, mask, width: lane ^ mask)),
}
