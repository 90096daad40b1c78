"""What no cache can save: lower bounds on a launch's traffic, from its footprint.

Nothing is assumed about how a cache replaces its lines. It starts empty, and it holds what it can hold:
then of D different sectors that a stretch of the launch loads, a cache of C sectors can have had at most
C when the stretch began, and the rest must come from behind it (the segment argument of Hong & Kung
1981, "I/O complexity: the red-blue pebble game").
"""

from __future__ import annotations

import numpy as np

from gpusim.observe.footprint import SECTOR_BYTES, Footprint


def dram_bytes_read(footprint: Footprint, cache_bytes: int, stretches: int) -> int:
    """Bytes that must come from memory through an L2 cache of `cache_bytes`.

    `stretches`: into how many parts the launch can be cut that run one after the other, its waves.
    Blocks of one wave run at the same time, so nothing is known about the order of their accesses, and
    longer stretches see sectors come back from further away; all lengths are tried, doubling.
    """
    reuse = footprint.reuse
    segments = reuse.shape[1]
    if segments == 0:
        return 0
    capacity = cache_bytes // SECTOR_BYTES
    most = int(reuse[0].sum())
    length = -(-segments // max(stretches, 1))
    while length < segments:
        starts = range(0, segments, length)
        most = max(most, sum(_missed(reuse, start, start + length, capacity) for start in starts))
        length *= 2
    return most * SECTOR_BYTES


def _missed(reuse: np.ndarray, start: int, stop: int, capacity: int) -> int:
    """Sectors that segments `start` to `stop` must fetch: those never used before, or all but a cache full."""
    new = int(reuse[0, start:stop].sum())
    different = int(reuse[: start + 1, start:stop].sum())
    return max(new, different - capacity)


def dram_bytes_written(footprint: Footprint, cache_bytes: int) -> int:
    """Bytes that must go to memory: what is written and does not fit the cache, where the rest may stay."""
    return max(0, footprint.stored * SECTOR_BYTES - cache_bytes)


def bytes_to_multiprocessors(footprint: Footprint, blocks_per_sm: int) -> int:
    """Bytes that the L2 cache must send when a multiprocessor runs `blocks_per_sm` blocks of the launch.

    At best each multiprocessor fetches a sector once, for all of its blocks that load it, and keeps it in
    its L1 cache.
    """
    loaders = np.arange(footprint.loaded_by.shape[0])
    fetches = -(-loaders[1:] // blocks_per_sm)
    return int((footprint.loaded_by[1:] * fetches).sum()) * SECTOR_BYTES
