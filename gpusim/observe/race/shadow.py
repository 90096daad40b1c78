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

import mmap
import sys
from math import gcd
from typing import Any, NamedTuple

import numpy as np

from gpusim.events.access import Access
from gpusim.memory.buffer import Buffer
from gpusim.memory.loops import per_lane
from gpusim.native import inlined, native
from gpusim.observe.race.harmless import Regions

NO_CONFLICT, INSIDE_WARP, ACROSS_WARPS, ACROSS_BLOCKS = range(4)

ROLES = 10
WROTE, RIVAL, READ, UPDATED = 0, 1, 2, 6  # RIVAL: a write before the last one, unordered with it
_WRITES, _READS, _UPDATES = 0b11, 0b1111 << READ, 0b1111 << UPDATED
AGAINST = {"load": _WRITES | _UPDATES, "store": _WRITES | _READS | _UPDATES, "atomic": _WRITES | _READS}
LEAVES = {"load": READ, "store": WROTE, "atomic": UPDATED}

_THREAD = 0xFFFFFFFF

PUT_OFF_COST = 1 << 22
"""Words of memory that accesses may take while they wait for one buffer: 32 MB."""

_LARGE = 1 << 30
"""Bytes from which on a machine may not have room for cells that nothing touches."""
_MAP_NORESERVE = 0x4000  # of Linux; Python has the name from 3.13 on


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


class Event(NamedTuple):
    """An access, the number of its instruction, and the clock of its chunk."""

    access: Access
    time: int
    clock: Clock


class Shadow:
    """The stamps of one buffer: int64 (ROLES, cells). Those of a role that never occurs are never paged in.

    Accesses that harm nobody (see `regions`) are only put off: they are entered when one comes that might
    conflict with them, and forgotten at a barrier.
    """

    def __init__(self, buffer: Buffer, itemsize: int) -> None:
        self.buffer = buffer
        self.cell = gcd(_natural_cell(buffer.array.dtype), itemsize)
        self._entered = self._changed = 0  # times of the last access, and of the last that was no load, in the stamps
        self._stamps: np.ndarray | None = None
        self._used = np.zeros(1, dtype=np.int64)  # a set of roles
        self._regions = Regions()
        self._put_off: list[Event] = []
        self._sorted = 0  # how many of these are in the regions: loads among loads need not be, for now
        self._put_off_cost = 0

    def put_off(self, access: Access, time: int, clock: Clock, ordered: int) -> bool:
        """Keep an access for later, if it harms nobody. What is older than `ordered` cannot conflict any more."""
        loads = access.op == "load"
        if (self._changed if loads else self._entered) > ordered:
            return False
        waiting = self._put_off
        if waiting and waiting[0].time <= ordered:
            self._forget()
        if (not loads or self._sorted) and not self._admit(access):
            return False
        pattern = access.pattern
        known = waiting and waiting[-1].access.pattern is pattern
        self._put_off_cost += 64 if known else 64 + pattern.vector.shape[0]
        waiting.append(Event(access, time, clock))
        if self._put_off_cost > PUT_OFF_COST:
            self.catch_up(ordered)
        return True

    def _admit(self, access: Access) -> bool:
        for event in self._put_off[self._sorted :]:
            self._regions.admit(event.access)
        self._sorted = len(self._put_off) + 1
        return self._regions.admit(access)

    def _forget(self) -> None:
        self._put_off.clear()
        self._sorted = 0
        self._put_off_cost = 0
        self._regions.clear()

    def catch_up(self, ordered: int) -> None:
        """Enter what was put off after time `ordered`."""
        for event in self._put_off:
            if event.time > ordered:
                access, time, clock = event
                self._fit(access)
                _enter(
                    self.stamps,
                    self._used,
                    LEAVES[access.op],
                    self.cell.bit_length() - 1,
                    access.itemsize // self.cell,
                    per_lane(access.addresses),
                    access.mask.bits,
                    access.mask.full,
                    access.chunk.first_block * access.chunk.threads,
                    access.chunk.threads,
                    time,
                    clock.blocks,
                )
                self._note_time(access.op, time)
        self._forget()

    def observe(self, access: Access, time: int, clock: Clock, grid_time: int) -> np.ndarray:
        """Check an access and leave its stamps.

        Returns the conflicts: int64 (3, n) of lane, stamp of the earlier access, relation * 16 + its role.
        """
        self._fit(access)
        out = np.empty((3, access.mask.lanes * AGAINST[access.op].bit_count()), dtype=np.int64)
        found = _observe(
            self.stamps,
            self._used,
            AGAINST[access.op],
            LEAVES[access.op],
            self.cell.bit_length() - 1,
            access.itemsize // self.cell,
            per_lane(access.addresses),
            access.mask.bits,
            access.mask.full,
            access.chunk.first_block * access.chunk.threads,
            access.chunk.threads,
            time,
            clock.blocks,
            clock.warps,
            grid_time,
            out,
        )
        self._note_time(access.op, time)
        return out[:, :found]

    def read_by_others(self, address: int, itemsize: int, block: range) -> bool:
        """Has a thread outside of `block` (ids in the grid) loaded something from these bytes?"""
        first = address // self.cell
        read = self.stamps[READ:UPDATED, first : first + itemsize // self.cell]
        thread = read & _THREAD
        return bool(((read != 0) & ((thread < block.start) | (thread >= block.stop))).any())

    def _note_time(self, op: str, time: int) -> None:
        self._entered = time
        if op != "load":
            self._changed = time

    @property
    def stamps(self) -> np.ndarray:
        if self._stamps is None:
            self._stamps = _zeros((ROLES, self.buffer.storage.shape[0] // self.cell + 1))
        return self._stamps

    def _fit(self, access: Access) -> None:
        """Make the cells small enough for an access."""
        cell = gcd(self.cell, access.itemsize)
        if not access.view.aligned and ((per_lane(access.addresses) % cell != 0) & access.mask.bits).any():
            cell = 1
        if cell < self.cell:
            if self._stamps is not None:
                self._stamps = np.repeat(self._stamps, self.cell // cell, axis=1)
            self.cell = cell


def _zeros(shape: tuple[int, int]) -> np.ndarray:
    """Zeros (int64) that take memory where they are changed only; `np.zeros` has to find all of it at once."""
    size = 8 * shape[0] * shape[1]
    if size < _LARGE or sys.platform != "linux":
        return np.zeros(shape, dtype=np.int64)
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE)
    return np.frombuffer(memory, dtype=np.int64).reshape(shape)


def _natural_cell(dtype: np.dtype) -> int:
    """The largest power of two, up to 16, that divides all offsets and sizes of an element's numbers."""
    size = dtype.itemsize
    if dtype.fields is not None:
        for field, offset, *_ in dtype.fields.values():
            size = gcd(gcd(size, offset), _natural_cell(field.base))
    return gcd(size, 16)


@inlined
def _relation(
    stamp: Any,
    thread: Any,
    first: Any,
    end: Any,
    block_time: Any,
    warp_time: Any,
    grid_time: Any,
) -> Any:
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


@inlined
def _is_past(
    stamp: Any,
    thread: Any,
    first: Any,
    end: Any,
    block_time: Any,
) -> Any:
    """The quick answer: the earlier access was by the same thread, or by its block before the last barrier."""
    other = stamp & _THREAD
    return stamp == 0 or other == thread or (first <= other < end and stamp >> 32 <= block_time)


@inlined
def _follower(
    stamp: Any,
    thread: Any,
    first: Any,
    end: Any,
) -> Any:
    """How far the next of a crowd is from the one before: 1 another lane of its warp, 2 a warp, 3 a block."""
    other = stamp & _THREAD
    if other < first or other >= end:
        return 3
    return 2 if (other - first) >> 5 != (thread - first) >> 5 else 1


@inlined
def _leave(
    stamps: Any,
    used: Any,
    leaves: Any,
    c: Any,
    mine: Any,
    first: Any,
    end: Any,
    block_time: Any,
) -> Any:
    """Leave a stamp; keep the one before it if later accesses may have to be compared with it, too.

    Returns whether that was a write by the same thread.
    """
    before = stamps[leaves, c]
    thread = mine & _THREAD
    stamps[leaves, c] = mine
    if leaves != WROTE:
        if not _is_past(before, thread, first, end, block_time):
            role = leaves + _follower(before, thread, first, end)
            stamps[role, c] = before
            used[0] |= 1 << role
        return False
    own = before & _THREAD == thread and before >> 32 > block_time
    if own and _is_past(stamps[RIVAL, c], thread, first, end, block_time):
        stamps[RIVAL, c] = before  # perhaps of another value: who writes the same as this thread still races with it
        used[0] |= 1 << RIVAL
        return True
    return False


@native
def _enter(
    stamps: Any,
    used: Any,
    leaves: Any,
    shift: Any,
    cells: Any,
    addresses: Any,
    bits: Any,
    full: Any,
    first_thread: Any,
    threads: Any,
    time: Any,
    block_times: Any,
) -> Any:
    """Leave the stamps of an access, as role `leaves`, that is known not to conflict with what was before it."""
    a = 1 if addresses.shape[0] > 1 else 0
    used[0] |= 1 << leaves
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
                    _leave(stamps, used, leaves, c, mine, first, end, block_time)
            lane += 1


@native
def _observe(
    stamps: Any,
    used: Any,
    against: Any,
    leaves: Any,
    shift: Any,
    cells: Any,
    addresses: Any,
    bits: Any,
    full: Any,
    first_thread: Any,
    threads: Any,
    time: Any,
    block_times: Any,
    warp_times: Any,
    grid_time: Any,
    out: Any,
) -> Any:
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
    rivals = bool(against & used[0] & (1 << RIVAL))
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
                    rival = np.int64(0)
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
                            rival = stamp
                    if rival and (
                        rival >> 32 < time or _is_past(stamps[RIVAL, c], thread, first, end, block_time)
                    ):  # of writes in one instruction, comparing with the last one is enough
                        stamps[RIVAL, c] = rival
                        used[0] |= 1 << RIVAL
                    if _leave(stamps, used, leaves, c, mine, first, end, block_time) and not rivals:
                        rivals = True
                        roles[count] = RIVAL
                        count += 1
            lane += 1
    return found
