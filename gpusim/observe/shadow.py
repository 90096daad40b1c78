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
"""Loads of one buffer, in lanes, whose addresses may be kept: 32 MB at most."""


class Clock:
    """Until when everything is ordered: for the grid, and for each block and each warp of a chunk.

    `chunk` is the time of the last barrier of all blocks of the chunk. `partial` knows of `syncwarp` by
    parts of warps: for each pattern of lanes that synchronise (a uint32 set for every lane), the last time.
    """

    def __init__(self, blocks: int, warps: int) -> None:
        self.blocks = np.zeros(blocks, dtype=np.int64)
        self.warps = np.zeros(blocks * warps, dtype=np.int64)
        self.chunk = 0
        self.partial: dict[bytes, tuple[int, np.ndarray]] = {}


class Event:
    """What an access means for the shadow: where, which lanes, when."""

    __slots__ = ("addresses", "aligned", "clock", "first_thread", "itemsize", "mask", "step", "time")

    def __init__(self, access: Access, time: int, clock: Clock) -> None:
        self.addresses = access.addresses
        self.aligned = access.view.aligned
        self.itemsize = access.itemsize
        self.mask = access.mask
        self.first_thread = access.chunk.first_block * access.chunk.threads
        self.time = time
        self.clock = clock
        self.step = 0

    def shorten(self) -> bool:
        """Replace addresses that are evenly spaced by the first and their distance; False if they are not."""
        addresses = self.addresses
        if isinstance(addresses, int):
            return True
        last = addresses.shape[0] - 1
        first = addresses.item(0)
        step = addresses.item(1) - first if last else 0
        if addresses.item(last) - first != step * last or not _is_even(addresses, step):
            return False
        self.addresses, self.step = first, step
        return True

    def vector(self) -> np.ndarray:
        """The addresses, int64: one, or one for each lane."""
        if self.step == 0:
            return per_lane(self.addresses)
        lanes = self.mask.bits.shape[0]
        return int(self.addresses) + self.step * np.arange(lanes)


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
        if not event.shorten():
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
                    event.vector(),
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
        if not event.aligned and ((event.vector() % cell != 0) & event.mask.bits).any():
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


@njit(cache=True, nogil=True)
def _is_even(addresses, step):
    """Are all neighbours `step` apart?"""
    gaps = np.int64(0)
    for lane in range(addresses.shape[0] - 1):
        gaps |= (addresses[lane + 1] - addresses[lane]) ^ step
    return gaps == 0


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
def _is_past(stamp, thread, first, end, block_time):
    """The quick answer: the earlier access was by the same thread, or by its block before the last barrier."""
    other = stamp & _THREAD
    return stamp == 0 or other == thread or (first <= other < end and stamp >> 32 <= block_time)


@njit(cache=True, nogil=True, inline="always")
def _follower(stamp, thread, first, end):
    """How far the next of a crowd is from the one before: 1 another lane of its warp, 2 a warp, 3 a block."""
    other = stamp & _THREAD
    if other < first or other >= end:
        return 3
    return 2 if (other - first) >> 5 != (thread - first) >> 5 else 1


@njit(cache=True, nogil=True)
def _enter_reads(
    stamps, used, shift, cells, addresses, bits, full, first_thread, threads, time, block_times
):  # fmt: skip
    """Leave the stamps of loads which are known not to conflict with what has been written."""
    a = 1 if addresses.shape[0] > 1 else 0
    used[0] |= 1 << READ
    for block in range(bits.shape[0] // threads):
        block_time = block_times[block]
        lane = block * threads
        first = first_thread + lane
        end = first + threads
        for thread in range(first, end):
            if full or bits[lane]:
                low = addresses[lane * a] >> shift
                mine = np.int64(time) << 32 | thread
                for c in range(low, low + cells):
                    before = stamps[READ, c]
                    stamps[READ, c] = mine
                    if not _is_past(before, thread, first, end, block_time):
                        role = READ + _follower(before, thread, first, end)
                        stamps[role, c] = before
                        used[0] |= 1 << role
            lane += 1


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
    used[0] |= 1 << leaves
    roles = np.empty(ROLES, dtype=np.int64)
    count = 0
    for role in range(ROLES):
        if against & used[0] & (1 << role):
            roles[count] = role
            count += 1
    for block in range(bits.shape[0] // threads):
        block_time = block_times[block]
        lane = block * threads
        first = first_thread + lane
        end = first + threads
        for thread in range(first, end):
            if full or bits[lane]:
                low = addresses[lane * a] >> shift
                mine = np.int64(time) << 32 | thread
                reported = 0
                for c in range(low, low + cells):
                    for k in range(count):
                        role = roles[k]
                        stamp = stamps[role, c]
                        if _is_past(stamp, thread, first, end, block_time):
                            continue
                        warp_time = warp_times[block * warps + ((thread - first) >> 5)]
                        relation = _relation(stamp, thread, first, end, block_time, warp_time, grid_time)
                        if relation == NO_CONFLICT:
                            continue
                        if not reported & (1 << role):
                            out[0, found] = lane
                            out[1, found] = stamp
                            out[2, found] = relation * 16 + role
                            found += 1
                            reported |= 1 << role
                        if role == leaves:
                            stamps[RIVAL, c] = stamp
                            used[0] |= 1 << RIVAL
                    before = stamps[leaves, c]
                    stamps[leaves, c] = mine
                    if leaves != WROTE and not _is_past(before, thread, first, end, block_time):
                        role = leaves + _follower(before, thread, first, end)
                        stamps[role, c] = before
                        used[0] |= 1 << role
            lane += 1
    return found
