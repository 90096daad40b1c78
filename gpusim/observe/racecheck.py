"""racecheck: accesses of different threads to the same bytes that nothing orders.

Judged by semantics, not by what happened to come first: two accesses conflict unless both read, both
are atomic, or a barrier (or a fence with an atomic, see `order`) lies between them. Blocks of a grid
are concurrent from beginning to end. Conflicts inside one warp and writes of the same value are
warnings: they come out right on some GPUs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.memory.access import per_lane
from gpusim.memory.buffer import Buffer
from gpusim.observe.base import Access, Observer, Site
from gpusim.observe.finding import Finding
from gpusim.observe.order import SynchronisationOrder
from gpusim.observe.places import element_of
from gpusim.observe.shadow import (
    ACROSS_BLOCKS,
    INSIDE_WARP,
    READ,
    UPDATED,
    WROTE,
    Shadow,
    observe_loads,
    observe_stores,
)
from gpusim.simt.chunk import Dim, coordinates

if TYPE_CHECKING:
    from gpusim.observe.memcheck import Collector
    from gpusim.simt.chunk import Chunk
    from gpusim.simt.launch import Launch
    from gpusim.simt.masks import Mask

_PENDING = 256
"""Loads of one shared array between two barriers that may wait to be recorded."""

_DID = {WROTE: "writes", READ: "reads", UPDATED: "atomically updates"}
_DOES = {"load": "reads", "store": "writes", "atomic": "atomically updates"}


class _ChunkState:
    """What lasts as long as a chunk: shadows of its shared memory, its last barriers, room for conflicts."""

    def __init__(self, blocks: int, warps: int, lanes: int) -> None:
        self.shared: dict[Buffer, Shadow] = {}
        self.block_times = np.zeros(blocks, dtype=np.int64)
        self.warp_times = np.zeros(blocks * warps, dtype=np.int64)
        self.lanes_out = np.empty(lanes, dtype=np.int64)
        self.stamps_out = np.empty(lanes, dtype=np.int64)
        self.kinds_out = np.empty(lanes, dtype=np.int64)


class Racecheck(Observer):
    """Finds races in shared and global memory."""

    def __init__(self, collector: Collector) -> None:
        self.collector = collector

    def begin(self, launch: Launch) -> None:
        self._threads = launch.threads_per_block
        self._warps = -(-self._threads // 32)
        self._grid: Dim = launch.grid
        self._block: Dim = launch.block
        self._time = 0
        self._grid_time = 0
        self._sites: list[Site | None] = [None]
        self._global: dict[Buffer, Shadow] = {}
        self._order = SynchronisationOrder(self._threads)
        self._running: dict[int, _ChunkState] = {}

    def begin_chunk(self, chunk: Chunk) -> None:
        self._running[chunk.first_block] = _ChunkState(chunk.blocks, self._warps, chunk.lanes)

    def end_chunk(self, chunk: Chunk) -> None:
        del self._running[chunk.first_block]

    def access(self, access: Access) -> None:
        space = access.buffer.space
        if space not in ("global", "shared"):
            return
        self._time += 1
        self._sites.append(access.site)
        state = self._running[access.chunk.first_block]
        shadows = state.shared if space == "shared" else self._global
        shadow = shadows.get(access.buffer)
        if shadow is None:
            shadow = shadows[access.buffer] = Shadow(access.buffer, access.itemsize)
        if space == "shared" and not shadow.changed:
            if access.op == "load" and len(shadow.pending) < _PENDING:
                shadow.pending.append((access, self._time))
                return
            self._catch_up(shadow, state)
        self._follow(access, self._time, shadow, state)
        if access.op == "atomic" and space == "global":
            self._publish(access)

    def _catch_up(self, shadow: Shadow, state: _ChunkState) -> None:
        """Record the loads that were put off: something is written in their epoch after all."""
        shadow.changed = True
        for access, time in shadow.pending:
            self._follow(access, time, shadow, state)
        shadow.pending.clear()

    def _follow(self, access: Access, time: int, shadow: Shadow, state: _ChunkState) -> None:
        """Check one access against the stamps, report conflicts, and leave its own stamps."""
        if access.itemsize % shadow.cell:
            shadow.refine(access.itemsize)
        mask, chunk = access.mask, access.chunk
        common = (
            shadow.written,
            shadow.read,
            shadow.read_by_warp,
            shadow.read_by_block,
            shadow.updated,
            shadow.flags,
            shadow.cell.bit_length() - 1,
            access.itemsize // shadow.cell,
            per_lane(access.addresses),
            mask.bits,
            mask.full,
            chunk.first_block * chunk.threads,
            chunk.threads,
            time,
            state.block_times,
            state.warp_times,
            self._grid_time,
            state.lanes_out,
            state.stamps_out,
            state.kinds_out,
        )
        if access.op == "load":
            found = observe_loads(*common)
        else:
            found = observe_stores(*common, access.op == "atomic")
        if found:
            self._report(access, state.lanes_out[:found], state.stamps_out[:found], state.kinds_out[:found])

    def _publish(self, access: Access) -> None:
        first = access.chunk.first_block * access.chunk.threads
        addresses = np.broadcast_to(access.addresses, access.chunk.lanes)
        for lane in np.flatnonzero(access.mask.bits):
            self._order.atomic(self._time, first + int(lane), (id(access.buffer), int(addresses[lane])))

    def fence(self, site: Site, mask: Mask, chunk: Chunk, scope: str) -> None:
        self._tick()
        first = chunk.first_block * chunk.threads
        for lane in np.flatnonzero(mask.bits):
            self._order.fence(self._time, first + int(lane))

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        self._tick()
        state = self._running[chunk.first_block]
        block_times = state.block_times
        for shadow in state.shared.values():
            if not mask.full:
                self._catch_up(shadow, state)
            shadow.pending.clear()
            shadow.changed = not mask.full
        if mask.full:
            arrived: np.ndarray | None = None
            block_times[:] = self._time
        else:
            arrived = np.any(mask.bits.reshape(chunk.blocks, chunk.threads), axis=1)
            block_times[arrived] = self._time
        self._order.barrier(self._time, chunk.first_block, arrived)

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        """`syncwarp`: the warps of the member lanes start a new epoch."""
        self._tick()
        warps = chunk.geometry.block_of_lane[members] * self._warps + chunk.geometry.thread[members] // 32
        self._running[chunk.first_block].warp_times[warps] = self._time

    def _tick(self) -> None:
        self._time += 1
        self._sites.append(None)

    # Reports

    def _report(self, access: Access, lanes: np.ndarray, stamps: np.ndarray, kinds: np.ndarray) -> None:
        """Turn conflicts into findings: one per pair of places, with the number of threads."""
        if not self._order.empty:
            keep = np.array([not self._is_ordered(access, *row) for row in zip(lanes, stamps, strict=True)])
            lanes, stamps, kinds = lanes[keep], stamps[keep], kinds[keep]
        same = _same_value(access, lanes, stamps, kinds)
        groups = np.stack([stamps >> 32, kinds, same.astype(np.int64)], axis=1)
        for group in np.unique(groups, axis=0):
            members = np.flatnonzero((groups == group).all(axis=1))
            first = int(members[0])
            self._note(
                access, int(lanes[first]), int(stamps[first]), int(kinds[first]), bool(same[first]), len(members)
            )

    def _is_ordered(self, access: Access, lane: int, stamp: int) -> bool:
        thread = access.chunk.first_block * access.chunk.threads + int(lane)
        return self._order.ordered(int(stamp) & 0xFFFFFFFF, int(stamp) >> 32, thread, self._time)

    def _note(self, access: Access, lane: int, stamp: int, kind: int, same: bool, count: int) -> None:
        relation, role = kind >> 2, kind & 3
        other = self._sites[stamp >> 32]
        assert other is not None
        site, array = access.site, access.buffer.array
        thread, block = self._place(access.chunk.first_block * access.chunk.threads + lane)
        other_thread, other_block = self._place(stamp & 0xFFFFFFFF)
        mild = same or relation == INSIDE_WARP
        does, did = _DOES[access.op], _DID[role]
        self.collector.note(
            Finding(
                tool="racecheck",
                kind=_kind(access.op, role),
                severity="warning" if mild else "error",
                message=(
                    f"race on {array.space} array '{array.name}' at {element_of(access, lane)}: "
                    f"thread {thread} of block {block} {does} it here, "
                    f"thread {other_thread} of {'the same block' if other_block == block else f'block {other_block}'} "
                    f"{did} it in line {other.line}, and {_missing(relation)}{_mildness(relation, same)}; "
                    f"{_fix(relation, array.space)}"
                ),
                file=site.file,
                line=site.line,
                space=array.space,
                array=array.name,
                kernel=site.kernel,
                block=block,
                thread=thread,
                other={"line": other.line, "file": other.file, "block": other_block, "thread": other_thread},
                count=count,
            )
        )

    def _place(self, thread: int) -> tuple[Dim, Dim]:
        block, within = divmod(thread, self._threads)
        return coordinates(within, self._block), coordinates(block, self._grid)


def _same_value(access: Access, lanes: np.ndarray, stamps: np.ndarray, kinds: np.ndarray) -> np.ndarray:
    """For which conflicts do two stores write the same bytes?"""
    same = np.zeros(lanes.shape[0], dtype=np.bool_)
    if access.op != "store" or access.values is None:
        return same
    first = access.chunk.first_block * access.chunk.threads
    addresses = np.broadcast_to(access.addresses, access.chunk.lanes)
    values = np.broadcast_to(access.values, access.chunk.lanes)
    newest = int(stamps.max(initial=0)) >> 32
    for k in np.flatnonzero(kinds & 3 == WROTE):
        lane = int(lanes[k])
        mine = values[lane].tobytes()
        other = (int(stamps[k]) & 0xFFFFFFFF) - first
        in_this_store = int(stamps[k]) >> 32 == newest and 0 <= other < values.shape[0] and access.mask.bits[other]
        if in_this_store and addresses[other] == addresses[lane]:
            same[k] = values[other].tobytes() == mine
        else:
            start = int(addresses[lane])
            same[k] = access.buffer.storage[start : start + access.itemsize].tobytes() == mine
    return same


def _kind(op: str, role: int) -> str:
    now = {"load": "read", "store": "write", "atomic": "atomic"}[op]
    before = {WROTE: "write", READ: "read", UPDATED: "atomic"}[role]
    return f"{now}-after-{before}"


def _missing(relation: int) -> str:
    if relation == ACROSS_BLOCKS:
        return "blocks run in any order"
    return "no barrier lies between"


def _mildness(relation: int, same: bool) -> str:
    if same:
        return " (both write the same value)"
    return " (both are in one warp)" if relation == INSIDE_WARP else ""


def _fix(relation: int, space: str) -> str:
    if relation == ACROSS_BLOCKS:
        return "give each block its own elements, use cuda.atomic, or split the kernel into two launches"
    if relation == INSIDE_WARP:
        return "put cuda.syncwarp() or cuda.syncthreads() between the two"
    return "put cuda.syncthreads() between the two, or give each thread its own element"
