"""Barriers and fences.

In lockstep every active lane is at the same statement, so a barrier has nothing to wait for. What
it does: observers learn of it, and of blocks of which only a part arrives.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gpusim.device.warp.collective import collective
from gpusim.events.warps import IncompleteBarrier
from gpusim.numeric import truth
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.whereabouts import whereabouts


def syncthreads(t: Lanes, site: Site) -> None:
    """`cuda.syncthreads()`"""
    mask, chunk = t.mask, t.chunk
    blocks = chunk.blocks
    if not mask.full:
        arrived = mask.bits.reshape(chunk.blocks, chunk.threads)
        some = arrived.any(axis=1)
        blocks = int(np.count_nonzero(some))
        if mask.lanes != blocks * chunk.threads:
            for observer in t.launch.watching("incomplete_barrier"):
                observer.incomplete_barrier(
                    IncompleteBarrier(site, chunk, arrived, t.exited, "block", partial(whereabouts, t))
                )
    for observer in t.on_barrier:
        observer.barrier(site, mask, chunk, blocks)


def _per_block(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """The predicate of active lanes as a bool matrix (blocks, threads)."""
    if predicate.dtype.kind not in "iu":
        t.paths.doubt(site, f"votes on {predicate.dtype}, and Numba's vote takes integers; convert it with int32(...)")
    flags = np.broadcast_to(truth(predicate), t.chunk.lanes) & t.mask.bits
    return flags.reshape(t.chunk.blocks, t.chunk.threads)


def syncthreads_count(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """The number of threads of the block whose predicate holds, int32."""
    syncthreads(t, site)
    return np.repeat(_per_block(t, site, predicate).sum(axis=1, dtype=np.int32), t.chunk.threads)


def syncthreads_and(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """1 if the predicate holds in every thread of the block, else 0, int32."""
    syncthreads(t, site)
    here = t.mask.bits.reshape(t.chunk.blocks, t.chunk.threads)
    return np.repeat((_per_block(t, site, predicate) | ~here).all(axis=1).astype(np.int32), t.chunk.threads)


def syncthreads_or(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """1 if the predicate holds in some thread of the block, else 0, int32."""
    syncthreads(t, site)
    return np.repeat(_per_block(t, site, predicate).any(axis=1).astype(np.int32), t.chunk.threads)


def _fence(scope: str) -> Callable[..., None]:
    """Memory in lockstep is ordered already; observers learn what the fence orders for other threads."""

    def fence(t: Lanes, site: Site) -> None:
        for observer in t.on_fence:
            observer.fence(site, t.mask, t.chunk, scope)

    return fence


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "syncthreads": collective("block", syncthreads),
    "syncthreads_count": collective("block", syncthreads_count),
    "syncthreads_and": collective("block", syncthreads_and),
    "syncthreads_or": collective("block", syncthreads_or),
    "threadfence": _fence("device"),
    "threadfence_block": _fence("block"),
    "threadfence_system": _fence("device"),
}
