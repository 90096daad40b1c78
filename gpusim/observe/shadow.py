"""Shadow memory: who last wrote, read and atomically updated each cell of a buffer, and when.

A stamp packs the time of an access (the number of its memory instruction in the launch, from 1) and
the linear id of its thread in the grid into an int64; 0 means never. A cell is the largest power of
two that divides all elements accessed so far, so that neighbouring bytes of one word stay apart.

Any number of threads may read a cell, or update it atomically, without conflict among themselves. Of
such a crowd four stamps are kept: the latest, and the latest that was followed by another lane of
its warp, by another warp of its block, and by another block. Whoever writes later, and whichever
threads came, the worst conflict is with one of the four.
"""

from __future__ import annotations

from math import gcd

import numpy as np
from numba import njit

from gpusim.memory.access import per_lane
from gpusim.memory.buffer import Buffer
from gpusim.observe.base import Access

NO_CONFLICT, INSIDE_WARP, ACROSS_WARPS, ACROSS_BLOCKS = range(4)

ROLES = 10
WROTE, RIVAL, READ, UPDATED = 0, 1, 2, 6  # RIVAL: who wrote before the last writer, unordered with it
_WRITES, _READS, _UPDATES = 0b11, 0b1111 << READ, 0b1111 << UPDATED
AGAINST = {"load": _WRITES | _UPDATES, "store": _WRITES | _READS | _UPDATES, "atomic": _WRITES | _READS}
LEAVES = {"load": READ, "store": WROTE, "atomic": UPDATED}

_THREAD = 0xFFFFFFFF

PUT_OFF_LANES = 1 << 22
"""Loads of one buffer, in lanes, that may wait to be entered: 32 MB of addresses at most."""


class Clock:
    """Until when everything is ordered: for the grid, and for each block and each warp of a chunk.

    `chunk` is the time of the last barrier of all blocks of the chunk. `partial` lists the times of
    `syncwarp` by a part of a warp, with the lanes that each lane synchronised with (uint32 sets).
    """

    def __init__(self, blocks: int, warps: int) -> None:
        self.blocks = np.zeros(blocks, dtype=np.int64)
        self.warps = np.zeros(blocks * warps, dtype=np.int64)
        self.chunk = 0
        self.partial: list[tuple[int, np.ndarray]] = []


class Event:
    """What an access means for the shadow: where, which lanes, when."""

    __slots__ = ("addresses", "aligned", "clock", "first_thread", "itemsize", "mask", "time")

    def __init__(self, access: Access, time: int, clock: Clock) -> None:
        self.addresses = access.addresses
        self.aligned = access.view.aligned
        self.itemsize = access.itemsize
        self.mask = access.mask
        self.first_thread = access.chunk.first_block * access.chunk.threads
        self.time = time
        self.clock = clock


class Shadow:
    """The stamps of one buffer: int64 (ROLES, cells). Those of a role that never occurs are never paged in.

    Loads of a buffer that nothing writes are only put off: they are entered when a store comes after
    all, and forgotten at a barrier.
    """

    def __init__(self, buffer: Buffer, itemsize: int) -> None:
        self.buffer = buffer
        self.cell = gcd(_natural_cell(buffer.array.dtype), itemsize)
        self.changed = 0  # time of the last store or atomic
        self._stamps = np.zeros((ROLES, buffer.storage.shape[0] // self.cell + 1), dtype=np.int64)
        self._used = np.zeros(1, dtype=np.int64)  # a set of roles
        self._put_off: list[Event] = []
        self._put_off_lanes = 0

    def put_off(self, event: Event, ordered: int) -> None:
        """Keep a load for later; what was kept until time `ordered` cannot conflict with anything any more."""
        if self._put_off and self._put_off[0].time <= ordered:
            self._put_off.clear()
            self._put_off_lanes = 0
        self._put_off.append(event)
        self._put_off_lanes += event.mask.lanes
        if self._put_off_lanes > PUT_OFF_LANES:
            self.catch_up(ordered)

    def catch_up(self, ordered: int) -> None:
        """Enter the loads that were put off after time `ordered`."""
        for event in self._put_off:
            if event.time > ordered:
                self.fit(event)
                _enter_reads(
                    self._stamps,
                    self._used,
                    self.cell.bit_length() - 1,
                    event.itemsize // self.cell,
                    per_lane(event.addresses),
                    event.mask.bits,
                    event.mask.full,
                    event.first_thread,
                    event.mask.threads_per_block,
                    event.time,
                    event.clock.blocks,
                )
        self._put_off.clear()
        self._put_off_lanes = 0

    def observe(self, event: Event, op: str, grid_time: int, out: np.ndarray) -> np.ndarray:
        """Check an access and leave its stamps.

        Returns the conflicts: int64 (3, n) of lane, stamp of the earlier access, relation * 16 + its role. `out`
        is room for them.
        """
        found = _observe(
            self._stamps,
            self._used,
            AGAINST[op],
            LEAVES[op],
            self.cell.bit_length() - 1,
            event.itemsize // self.cell,
            per_lane(event.addresses),
            event.mask.bits,
            event.mask.full,
            event.first_thread,
            event.mask.threads_per_block,
            event.time,
            event.clock.blocks,
            event.clock.warps,
            grid_time,
            out,
        )
        return out[:, :found]

    def fit(self, event: Event) -> None:
        """Make the cells small enough for an access."""
        cell = gcd(self.cell, event.itemsize)
        if not event.aligned and ((per_lane(event.addresses) % cell != 0) & event.mask.bits).any():
            cell = 1
        if cell < self.cell:
            self._stamps = np.repeat(self._stamps, self.cell // cell, axis=1)
            self.cell = cell


def _natural_cell(dtype: np.dtype) -> int:
    """The largest power of two, up to 16, that divides all offsets and sizes of an element's numbers."""
    size = dtype.itemsize
    if dtype.fields is not None:
        for field, offset, *_ in dtype.fields.values():
            size = gcd(gcd(size, offset), _natural_cell(field.base))
    return gcd(size, 16)


@njit(cache=True, nogil=True, inline="always")
def _relation(stamp, thread, first, end, block_time, warp_time, grid_time):
    """How an earlier access relates to one of `thread`, whose block is [first, end)."""
    other = stamp & _THREAD
    time = stamp >> 32
    if stamp == 0 or other == thread:
        return NO_CONFLICT
    if other < first or other >= end:
        return ACROSS_BLOCKS if time > grid_time else NO_CONFLICT
    if time <= block_time:
        return NO_CONFLICT
    if (other - first) >> 5 != (thread - first) >> 5:
        return ACROSS_WARPS
    return INSIDE_WARP if time > warp_time else NO_CONFLICT


@njit(cache=True, nogil=True, inline="always")
def _join(stamps, role, c, mine, thread, first, end, block_time):
    """Become the latest of a crowd; returns the role under which the one before stays known, or `role`."""
    before = stamps[role, c]
    stamps[role, c] = mine
    other = before & _THREAD
    if before == 0 or other == thread:
        return role
    if other < first or other >= end:
        stamps[role + 3, c] = before
        return role + 3
    if before >> 32 <= block_time:
        return role
    if (other - first) >> 5 != (thread - first) >> 5:
        stamps[role + 2, c] = before
        return role + 2
    stamps[role + 1, c] = before
    return role + 1


@njit(cache=True, nogil=True)
def _enter_reads(
    stamps, used, shift, cells, addresses, bits, full, first_thread, threads, time, block_times
):  # fmt: skip
    """Leave the stamps of loads which are known not to conflict with what has been written."""
    a = 1 if addresses.shape[0] > 1 else 0
    roles = np.int64(1) << READ
    for block in range(bits.shape[0] // threads):
        lane = block * threads
        block_time = block_times[block]
        first = first_thread + lane
        end = first + threads
        for thread in range(first, end):
            if full or bits[lane]:
                low = addresses[lane * a] >> shift
                mine = np.int64(time) << 32 | thread
                for c in range(low, low + cells):
                    roles |= np.int64(1) << _join(stamps, READ, c, mine, thread, first, end, block_time)
            lane += 1
    used[0] |= roles


@njit(cache=True, nogil=True)
def _observe(
    stamps, used, against, leaves, shift, cells, addresses, bits, full, first_thread, threads, time,
    block_times, warp_times, grid_time, out,
):  # fmt: skip
    """Compare every active lane with the stamps of the roles `against`, then leave its own as role `leaves`.

    Returns the number of conflicts put into `out`: at most one for each lane and role.
    """
    a = 1 if addresses.shape[0] > 1 else 0
    warps = (threads + 31) >> 5
    found = 0
    used[0] |= np.int64(1) << leaves
    roles = np.empty(ROLES, dtype=np.int64)
    count = 0
    for role in range(ROLES):
        if against & used[0] & (np.int64(1) << role):
            roles[count] = role
            count += 1
    for block in range(bits.shape[0] // threads):
        block_time = block_times[block]
        lane = block * threads
        first = first_thread + lane
        end = first + threads
        for thread in range(first, end):
            if full or bits[lane]:
                warp_time = warp_times[block * warps + ((thread - first) >> 5)]
                low = addresses[lane * a] >> shift
                mine = np.int64(time) << 32 | thread
                rival = False
                for k in range(count):
                    role = roles[k]
                    for c in range(low, low + cells):
                        relation = _relation(stamps[role, c], thread, first, end, block_time, warp_time, grid_time)
                        if relation != NO_CONFLICT:
                            out[0, found] = lane
                            out[1, found] = stamps[role, c]
                            out[2, found] = relation * 16 + role
                            found += 1
                            rival |= role == WROTE
                            break
                if leaves != WROTE:
                    for c in range(low, low + cells):
                        used[0] |= np.int64(1) << _join(stamps, leaves, c, mine, thread, first, end, block_time)
                elif rival:
                    used[0] |= 1 << RIVAL
                    for c in range(low, low + cells):
                        before = stamps[WROTE, c]
                        if _relation(before, thread, first, end, block_time, warp_time, grid_time) != NO_CONFLICT:
                            stamps[RIVAL, c] = before
                        stamps[WROTE, c] = mine
                else:
                    for c in range(low, low + cells):
                        stamps[WROTE, c] = mine
            lane += 1
    return found
