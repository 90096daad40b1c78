"""Cooperative groups: the grid as a group of threads, and its barrier.

A grid that synchronises must be on the device as a whole, so that all its blocks run at the same time
(CUDA C++ Programming Guide, "Grid Synchronization").
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gpusim.errors import Deadlock, PartialGrid
from gpusim.events.warps import IncompleteBarrier
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.whereabouts import whereabouts


class GridGroup:
    """What `cuda.cg.this_grid()` returns."""


_GRID = GridGroup()


def this_grid(t: Lanes, site: Site) -> GridGroup:
    """`cuda.cg.this_grid()`"""
    return _GRID


def _sync(t: Lanes, site: Site, group: GridGroup) -> np.int32:
    """`grid.sync()`: every thread of the grid waits for all the others."""
    if not t.schedule.sees_grid(t):
        raise PartialGrid(f"`{site.text}` needs all blocks at the same time", site)
    done: np.int32 = t.schedule.collective(t, "grid", _meet, site)
    return done


def _meet(t: Lanes, site: Site) -> np.int32:
    """Threads that have returned are not waited for; a block of which no thread comes stops all the others."""
    arrived = t.mask.bits.reshape(t.chunk.blocks, t.chunk.threads)
    some = arrived.any(axis=1)
    if not some.all():
        block, _ = t.chunk.where(int(np.argmin(some)) * t.chunk.threads)
        raise Deadlock(
            f"`{site.text}` waits for ever for block {block}, which does not come: "
            "every block of the grid must reach the barrier",
            site,
        )
    if t.mask.lanes != t.chunk.lanes:
        for observer in t.launch.watching("incomplete_barrier"):
            observer.incomplete_barrier(
                IncompleteBarrier(site, t.chunk, arrived, t.exited, "grid", partial(whereabouts, t))
            )
    for observer in t.launch.watching("grid_barrier"):
        observer.grid_barrier(site, t.chunk)
    return np.int32(0)


METHODS: dict[tuple[type, str], Callable[..., Any]] = {(GridGroup, "sync"): _sync}
FUNCTIONS: dict[str, Callable[..., Any]] = {"cg.this_grid": this_grid}
