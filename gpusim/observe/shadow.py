"""Shadow memory: who last read, wrote and atomically updated each cell of a buffer, and when.

A stamp packs the time of an access (the number of its memory instruction in the launch, from 1) and
the global linear id of its thread into an int64; 0 means never. A cell is the smallest element that
the buffer has been accessed with. Stamps live in one array per role, so that memory that no access
of that role touches is never paged in.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numba import njit

from gpusim.memory.buffer import Buffer
from gpusim.observe.base import Access

NO_CONFLICT, ACROSS_WARPS, INSIDE_WARP, ACROSS_BLOCKS = range(4)
WROTE, READ, UPDATED = range(3)


class Shadow:
    """The stamps of one buffer.

    `written`, `read` and `updated` (atomically) hold the last access of a role. A second reader from
    another warp of the same block goes to `read_by_warp`, one from another block to `read_by_block`,
    so that a later write finds every kind of reader that it could conflict with.
    """

    def __init__(self, buffer: Buffer, itemsize: int) -> None:
        self.cell = min(_natural_cell(buffer.array.dtype), itemsize)
        count = buffer.storage.shape[0] // self.cell + 1
        self.written = np.zeros(count, dtype=np.int64)
        self.read = np.zeros(count, dtype=np.int64)
        self.read_by_warp = np.zeros(count, dtype=np.int64)
        self.read_by_block = np.zeros(count, dtype=np.int64)
        self.updated = np.zeros(count, dtype=np.int64)
        self.flags = np.zeros(3, dtype=np.bool_)  # are read_by_warp, read_by_block, updated in use?
        # Loads of shared memory conflict only with what is written between the same two barriers. Until
        # something is (`changed`), they wait here with their times; at the barrier they are forgotten.
        self.pending: list[tuple[Access, int]] = []
        self.changed = False

    def refine(self, itemsize: int) -> None:
        """Make the cells small enough for an access of this size."""
        cell = gcd(self.cell, itemsize)
        if cell < self.cell:
            factor = self.cell // cell
            for name in ("written", "read", "read_by_warp", "read_by_block", "updated"):
                setattr(self, name, np.repeat(getattr(self, name), factor))
            self.cell = cell


def _natural_cell(dtype: np.dtype) -> int:
    """The largest power of two, up to 16, that divides all offsets and sizes of an element's numbers."""
    size = dtype.itemsize
    if dtype.fields is not None:
        for field, offset, *_ in dtype.fields.values():
            size = gcd(gcd(size, offset), _natural_cell(field.base))
    return gcd(size, 16)


@njit(cache=True, nogil=True, inline="always")
def _conflict(stamp, thread, first, threads, block_time, warp_time, grid_time):
    """How an earlier access relates to one of `thread`, whose block is [first, first + threads)."""
    other = stamp & 0xFFFFFFFF
    time = stamp >> 32
    if stamp == 0 or other == thread:
        return NO_CONFLICT
    if other < first or other >= first + threads:
        return ACROSS_BLOCKS if time > grid_time else NO_CONFLICT
    if time <= block_time:
        return NO_CONFLICT
    if (other - first) >> 5 != (thread - first) >> 5:
        return ACROSS_WARPS
    return INSIDE_WARP if time > warp_time else NO_CONFLICT


@njit(cache=True, nogil=True)
def observe_loads(
    written, read, by_warp, by_block, updated, flags, shift, cells, addresses, bits, full, first_thread, threads,
    time, block_times, warp_times, grid_time, lanes_out, stamps_out, kinds_out,
):  # fmt: skip
    """Check and record loads of `cells` cells of 2**shift bytes each.

    Returns the number of conflicts put into the three output vectors, at most one per lane.
    """
    a = 1 if addresses.shape[0] > 1 else 0
    found = 0
    warps = (threads + 31) >> 5
    stamp_time = np.int64(time) << 32
    atomics = flags[2]
    for block in range(bits.shape[0] // threads):
        block_time = block_times[block]
        lane = block * threads
        first = first_thread + lane
        end = first + threads
        for thread in range(first, end):
            if full or bits[lane]:
                mine = stamp_time | thread
                low = addresses[lane * a] >> shift
                conflict = NO_CONFLICT
                for c in range(low, low + cells):
                    stamp = written[c]
                    # Almost always: written before the last barrier, by this block.
                    if stamp >> 32 > block_time or (stamp != 0 and not first <= stamp & 0xFFFFFFFF < end):
                        warp_time = warp_times[block * warps + ((thread - first) >> 5)]
                        conflict = _conflict(stamp, thread, first, threads, block_time, warp_time, grid_time)
                        role = WROTE
                    if atomics and conflict == NO_CONFLICT:
                        stamp = updated[c]
                        warp_time = warp_times[block * warps + ((thread - first) >> 5)]
                        conflict = _conflict(stamp, thread, first, threads, block_time, warp_time, grid_time)
                        role = UPDATED
                    before = read[c]
                    read[c] = mine
                    other = before & 0xFFFFFFFF
                    if before != 0 and other != thread:
                        if other < first or other >= end:
                            by_block[c] = before
                            flags[1] = True
                        elif before >> 32 > block_time and (other - first) >> 5 != (thread - first) >> 5:
                            by_warp[c] = before
                            flags[0] = True
                    if conflict != NO_CONFLICT:
                        break
                if conflict != NO_CONFLICT:
                    lanes_out[found] = lane
                    stamps_out[found] = stamp
                    kinds_out[found] = conflict * 4 + role
                    found += 1
            lane += 1
    return found


@njit(cache=True, nogil=True)
def observe_stores(
    written, read, by_warp, by_block, updated, flags, shift, cells, addresses, bits, full, first_thread, threads,
    time, block_times, warp_times, grid_time, lanes_out, stamps_out, kinds_out, atomic,
):  # fmt: skip
    """As `observe_loads` for stores, or for atomic updates."""
    a = 1 if addresses.shape[0] > 1 else 0
    found = 0
    warps = (threads + 31) >> 5
    stamp_time = np.int64(time) << 32
    if atomic:
        flags[2] = True
    for block in range(bits.shape[0] // threads):
        block_time = block_times[block]
        lane = block * threads
        first = first_thread + lane
        for thread in range(first, first + threads):
            if full or bits[lane]:
                mine = stamp_time | thread
                warp_time = warp_times[block * warps + ((thread - first) >> 5)]
                low = addresses[lane * a] >> shift
                worst = 0
                worst_stamp = np.int64(0)
                worst_role = 0
                for c in range(low, low + cells):
                    for role in range(5):
                        if role == 0:
                            stamp = written[c]
                        elif role == 1:
                            stamp = read[c]
                        elif role == 2:
                            stamp = by_warp[c] if flags[0] else np.int64(0)
                        elif role == 3:
                            stamp = by_block[c] if flags[1] else np.int64(0)
                        else:
                            stamp = updated[c] if flags[2] and not atomic else np.int64(0)
                        if stamp == 0:
                            continue
                        kind = _conflict(stamp, thread, first, threads, block_time, warp_time, grid_time)
                        # Hazards inside a warp are the mildest: report another one if there is any.
                        if kind != NO_CONFLICT and (worst == 0 or (worst == INSIDE_WARP and kind != INSIDE_WARP)):
                            worst = kind
                            worst_stamp = stamp
                            worst_role = WROTE if role == 0 else UPDATED if role == 4 else READ
                    if atomic:
                        updated[c] = mine
                    else:
                        written[c] = mine
                if worst != 0:
                    lanes_out[found] = lane
                    stamps_out[found] = worst_stamp
                    kinds_out[found] = worst * 4 + worst_role
                    found += 1
            lane += 1
    return found
