"""Barriers and fences.

In lockstep every active lane is at the same statement, so a barrier has nothing to wait for. What
it does: it is counted, and a block of which only a part arrives is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.cuda.collective import collective
from gpusim.numeric import truth
from gpusim.observe.base import Site
from gpusim.observe.finding import Finding

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def syncthreads(t: Lanes, site: Site) -> None:
    """`cuda.syncthreads()`"""
    mask, chunk = t.mask, t.chunk
    blocks = chunk.blocks
    if not mask.full:
        arrived = mask.bits.reshape(chunk.blocks, chunk.threads)
        some = arrived.any(axis=1)
        blocks = int(np.count_nonzero(some))
        partial = some & ~arrived.all(axis=1)
        if partial.any():
            _report_partial(t, site, arrived, int(np.argmax(partial)), int(np.count_nonzero(partial)))
    for observer in t.on_barrier:
        observer.barrier(site, mask, chunk, blocks)


def _report_partial(t: Lanes, site: Site, arrived: np.ndarray, block: int, count: int) -> None:
    chunk = t.chunk
    missing = int(np.argmin(arrived[block]))
    waiting = int(np.argmax(arrived[block]))
    lane = block * chunk.threads
    where, absent = chunk.where(lane + missing)
    present = chunk.where(lane + waiting)[1]
    left = t.exited is not None and bool(t.exited.bits[lane + missing])
    finding = Finding(
        tool="synccheck",
        kind="divergent-barrier",
        severity="error",
        message=(
            f"`{site.text}` is reached by {int(arrived[block].sum())} of {chunk.threads} threads of block {where}: "
            f"thread {present} waits, thread {absent} {'has returned' if left else 'is elsewhere'}; "
            "move the barrier out of the `if` or loop, so that every thread of the block executes it"
        ),
        file=site.file,
        line=site.line,
        kernel=site.kernel,
        block=where,
        thread=absent,
        count=count,
    )
    for observer in t.launch.observers:
        observer.note(finding)


def _per_block(t: Lanes, predicate: Any) -> np.ndarray:
    """The predicate of active lanes as a bool matrix (blocks, threads)."""
    flags = np.broadcast_to(truth(predicate), t.chunk.lanes) & t.mask.bits
    return flags.reshape(t.chunk.blocks, t.chunk.threads)


def syncthreads_count(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """The number of threads of the block whose predicate holds, int32."""
    syncthreads(t, site)
    return np.repeat(_per_block(t, predicate).sum(axis=1, dtype=np.int32), t.chunk.threads)


def syncthreads_and(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """1 if the predicate holds in every thread of the block, else 0, int32."""
    syncthreads(t, site)
    here = t.mask.bits.reshape(t.chunk.blocks, t.chunk.threads)
    return np.repeat((_per_block(t, predicate) | ~here).all(axis=1).astype(np.int32), t.chunk.threads)


def syncthreads_or(t: Lanes, site: Site, predicate: Any) -> np.ndarray:
    """1 if the predicate holds in some thread of the block, else 0, int32."""
    syncthreads(t, site)
    return np.repeat(_per_block(t, predicate).any(axis=1).astype(np.int32), t.chunk.threads)


def fence(t: Lanes, site: Site) -> None:
    """Memory in lockstep is ordered already; observers learn what the fence orders for other threads."""
    for observer in t.on_fence:
        observer.fence(site, t.mask, t.chunk)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "syncthreads": collective("block", syncthreads),
    "syncthreads_count": collective("block", syncthreads_count),
    "syncthreads_and": collective("block", syncthreads_and),
    "syncthreads_or": collective("block", syncthreads_or),
    "threadfence": fence,
    "threadfence_block": fence,
    "threadfence_system": fence,
}
