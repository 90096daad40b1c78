"""racecheck: accesses of different threads to the same bytes that nothing orders.

Judged by semantics, not by what happened to come first: two accesses conflict unless both read, both
are atomic, or a barrier, or a fence with an atomic (see `order`), lies between them. Blocks of a grid
are concurrent from beginning to end. What this module does is bookkeeping of time: every memory
instruction and every barrier has a number, and `shadow` compares numbers. `races` words the findings.
"""

from __future__ import annotations

import numpy as np

from gpusim.events.access import Access
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.machine.chunk import Chunk, Geometry
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Buffer
from gpusim.observe.race.locks import Locks
from gpusim.observe.race.order import SynchronisationOrder
from gpusim.observe.race.shadow import INSIDE_WARP, UPDATED, Clock, Shadow
from gpusim.observe.race.verdicts import Races
from gpusim.observe.tool import Tool
from gpusim.places import Site


class _ChunkState:
    """What lasts as long as a chunk: its barriers, and shadows of its shared memory."""

    def __init__(self, chunk: Chunk) -> None:
        self.clock = Clock(chunk.blocks, -(-chunk.threads // 32))
        self.shared: dict[Buffer, Shadow] = {}


class Racecheck(Observer):
    """Finds races in shared and global memory."""

    def begin(self, launch: Launched) -> None:
        self._time = self._grid_time = 0
        self._sites: list[Site | None] = [None]
        self._global: dict[Buffer, Shadow] = {}
        self._order = SynchronisationOrder(launch.threads_per_block)
        self._races = Races(launch.grid, launch.block, self._sites)
        self._running: dict[int, _ChunkState] = {}
        self._locks = Locks()

    def begin_chunk(self, chunk: Chunk) -> None:
        self._running[chunk.first_block] = _ChunkState(chunk)

    def end_chunk(self, chunk: Chunk) -> None:
        del self._running[chunk.first_block]

    def end(self, launch: Launched) -> None:
        for finding in self._locks.explained(self._races.findings):
            self.report(finding)

    def access(self, access: Access) -> None:
        buffer = access.buffer
        state = self._running[access.chunk.first_block]
        if buffer.space == "shared":
            shadows, ordered = state.shared, state.clock.chunk
        elif buffer.space == "global":
            shadows, ordered = self._global, self._grid_time
        else:
            return
        self._time += 1
        self._sites.append(access.site)
        if access.op == "atomic":
            self._locks.atomic(buffer.array, access.site)
        shadow = shadows.get(buffer)
        if shadow is None:
            shadow = shadows[buffer] = Shadow(buffer, access.itemsize)
        if not shadow.put_off(access, self._time, state.clock, ordered):
            shadow.catch_up(ordered)
            conflicts = shadow.observe(access, self._time, state.clock, self._grid_time)
            if conflicts.shape[1]:
                self._races.add(access, self._unordered(access, conflicts, state.clock, shadow))
        if access.op == "atomic" and not self._order.empty:
            lanes = np.flatnonzero(access.mask.bits)
            addresses = np.broadcast_to(access.addresses, access.chunk.lanes)[lanes]
            first_thread = access.chunk.first_block * access.chunk.threads
            self._order.atomic(self._time, first_thread + lanes, buffer, addresses)

    def fence(self, site: Site, mask: Mask, chunk: Chunk, scope: str) -> None:
        self._tick()
        self._locks.fence(site)
        self._order.fence(self._time, chunk.first_block * chunk.threads + np.flatnonzero(mask.bits), scope)

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        self._tick()
        clock = self._running[chunk.first_block].clock
        first = chunk.first_block
        if mask.full:
            clock.blocks[:] = clock.chunk = self._time
            clock.partial.clear()
            self._order.barrier(self._time, range(first, first + chunk.blocks))
        else:
            arrived = np.flatnonzero(mask.bits.reshape(chunk.blocks, chunk.threads).any(axis=1))
            clock.blocks[arrived] = self._time
            self._order.barrier(self._time, tuple((first + arrived).tolist()))

    def grid_barrier(self, site: Site, chunk: Chunk) -> None:
        self._tick()
        clock = self._running[chunk.first_block].clock
        clock.blocks[:] = clock.chunk = self._grid_time = self._time
        self._order.barrier(self._time, range(chunk.first_block, chunk.first_block + chunk.blocks))

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        """`syncwarp`: warps of which all lanes take part start a new epoch; the others are listed."""
        self._tick()
        clock = self._running[chunk.first_block].clock
        geometry = chunk.geometry
        starts = geometry.warp_starts
        whole = np.bitwise_or.reduceat(members == geometry.warp_lanes, starts)
        numbers = geometry.block_of_lane[starts] * -(-chunk.threads // 32) + geometry.thread[starts] // 32
        clock.warps[numbers[whole]] = self._time
        self._order.warp_barrier(self._time, chunk.first_block * -(-chunk.threads // 32) + numbers[whole])
        if (members[~whole[geometry.warp]] != 0).any():
            clock.partial[members.tobytes()] = self._time, members

    def _tick(self) -> None:
        self._time += 1
        self._sites.append(None)

    def _unordered(self, access: Access, conflicts: np.ndarray, clock: Clock, shadow: Shadow) -> np.ndarray:
        """The conflicts that no fence with an atomic, and no `syncwarp` of some lanes, orders."""
        if self._order.empty and not clock.partial:
            return conflicts
        first = access.chunk.first_block * access.chunk.threads
        addresses = np.broadcast_to(access.addresses, access.chunk.lanes)
        answer = self._order.question(self._time)
        keep = np.ones(conflicts.shape[1], dtype=np.bool_)
        for k, (lane, stamp, kind) in enumerate(conflicts.T.tolist()):
            thread, since = stamp & 0xFFFFFFFF, stamp >> 32
            if kind >> 4 == INSIDE_WARP and _met(clock, access.chunk.geometry, lane, thread - first, since):
                keep[k] = False
            elif not self._order.empty:
                address = int(addresses[lane])
                atomic = (access.buffer, address) if kind & 15 >= UPDATED else None
                block = lane // access.chunk.threads
                own = range(first + block * access.chunk.threads, first + (block + 1) * access.chunk.threads)
                cached = access.op == "load" and shadow.read_by_others(address, access.itemsize, own)
                keep[k] = not answer(thread, since, atomic, first + lane, cached)
        return conflicts[:, keep]


RACECHECK = Tool(
    "racecheck",
    fix="Put `cuda.syncthreads()` between the two accesses; between blocks, use an atomic operation or two launches.",
    observers=lambda configuration: [Racecheck()],
)


def _met(clock: Clock, geometry: Geometry, lane: int, other: int, since: int) -> bool:
    """Has a partial `syncwarp` brought two lanes of a warp together since a time?"""
    bit = np.uint32(1) << np.uint32(geometry.lane_id[other])
    return any(time > since and members[lane] & bit for time, members in clock.partial.values())
