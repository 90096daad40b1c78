"""Happens-before by fences and atomics: locks, flags, and the last block that finishes.

Two fences are ordered if an atomic on some location follows the first one, and a later atomic on the
same location comes before the second one; what a thread did before the first fence happens before what
a thread does after the second. "Follows" and "before" mean program order and barriers, so that one
thread's atomics can speak for its block. `threadfence` orders with fences of the whole device,
`threadfence_block` with those of its block. This is the memory model of PTX ("Memory Consistency
Model", causality order): `threadfence` is `membar.gl`, a synonym of `fence.sc.gpu`, atomics are
relaxed, and fences take part in one order, which must agree with what the atomics read.

The CUDA C++ Programming Guide ("Memory Fence Functions") leaves the second fence out of its last-block
reduction, and programs do as it does. What the second one prevents on GPUs is a load of what an L1
cache has kept from before; stores and atomics go to L2, and a GPU starts no load before the branch that
leads to it is decided. So it is asked for where a line may have been kept: where a block loads what
another one had loaded before, on the same multiprocessor perhaps. Otherwise the asking atomic is enough.

Few programs share data in this way, so events are only listed while a kernel runs, and sorted out
when the first question comes: about two accesses that nothing simpler orders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, NamedTuple, TypeVar

import numpy as np

from gpusim.memory.buffer import Buffer

Moment = tuple[int, int]
"""(time of the memory instruction, thread): atomics of one instruction happen in the order of threads."""

Location = tuple[Buffer, int]
"""A buffer and an address in it."""

T = TypeVar("T", int, Moment)

_NEVER: Moment = (0, -1)

_SOUGHT_OF_DEVICE, _SOUGHT, _PAST, _FENCED_IN_BLOCK, _FENCED = range(5)
"""How much of a point of the launch happens before another one, from the least: only what comes before a fence of the
device, or before any fence, in front of it; all, but without what its atomics received; with what they received from
the same block, or from all blocks, since a fence comes after it."""

_REMEMBERED = 64
"""Points of the launch whose past is kept for the next question."""

_Step = tuple[int, str, int, int]
"""(minus a time, kind, number, extent): a point that the way back has reached."""


class _Point(NamedTuple):
    """A thread, warp or block of that `number` at a `time`; `extent`: whether a fence has followed since."""

    time: int
    kind: str
    number: int
    extent: int


@dataclass
class _Fences:
    """The times of one thread's fences of the device, and of any scope."""

    device: list[int] = field(default_factory=list)
    any: list[int] = field(default_factory=list)


class SynchronisationOrder:
    """The fences, atomics and barriers of a launch, and the order that they make."""

    def __init__(self, threads_per_block: int) -> None:
        self.threads = threads_per_block
        self.warps = -(-threads_per_block // 32)
        self._events: list[tuple[Any, ...]] = []
        self._fenced = False
        self._early: dict[Any, tuple[Any, ...]] = {}  # the last barriers before the first fence; no others matter
        self._pasts: dict[_Point, _Past] = {}
        self.fences: dict[int, _Fences] = defaultdict(_Fences)
        self.by_thread: dict[int, dict[Location, list[Moment]]] = defaultdict(lambda: defaultdict(list))
        self.by_location: dict[Location, dict[int, list[Moment]]] = defaultdict(dict)
        self.active: dict[int, set[int]] = defaultdict(set)  # the threads of a block with atomics or fences
        self.block_barriers: dict[int, list[int]] = defaultdict(list)
        self.warp_barriers: dict[int, list[int]] = defaultdict(list)

    # Events

    def fence(self, time: int, threads: np.ndarray, scope: str) -> None:
        """`threads` execute a fence."""
        if not self._fenced:
            self._fenced = True
            self._events = sorted(self._early.values(), key=lambda event: event[1])
        self._events.append((self._enter_fence, time, threads, scope))

    def atomic(self, time: int, threads: np.ndarray, buffer: Buffer, addresses: np.ndarray) -> None:
        """`threads` execute an atomic at their `addresses` in `buffer`."""
        if self._fenced:  # before the first fence nobody publishes anything
            self._events.append((self._enter_atomic, time, threads, buffer, addresses))

    def barrier(self, time: int, blocks: range | tuple[int, ...]) -> None:
        """All threads of `blocks` meet."""
        event = (self._enter_barrier, time, blocks)
        if self._fenced:
            self._events.append(event)
        else:
            self._early["blocks", blocks] = event

    def warp_barrier(self, time: int, warps: np.ndarray) -> None:
        """All threads of `warps` meet."""
        event = (self._enter_warp_barrier, time, warps)
        if self._fenced:
            self._events.append(event)
        else:
            self._early["warps", warps.tobytes()] = event

    def _enter_fence(self, time: int, threads: np.ndarray, scope: str) -> None:
        for thread in threads.tolist():
            fences = self.fences[thread]
            fences.any.append(time)
            if scope == "device":
                fences.device.append(time)
            self.active[thread // self.threads].add(thread)

    def _enter_atomic(self, time: int, threads: np.ndarray, buffer: Buffer, addresses: np.ndarray) -> None:
        for thread, address in zip(threads.tolist(), addresses.tolist(), strict=True):
            location = (buffer, address)
            moments = self.by_thread[thread][location]
            moments.append((time, thread))
            self.by_location[location][thread] = moments
            self.active[thread // self.threads].add(thread)

    def _enter_barrier(self, time: int, blocks: range | tuple[int, ...]) -> None:
        for block in blocks:
            self.block_barriers[block].append(time)

    def _enter_warp_barrier(self, time: int, warps: np.ndarray) -> None:
        for warp in warps.tolist():
            self.warp_barriers[warp].append(time)

    # Questions

    @property
    def empty(self) -> bool:
        """No thread has published anything."""
        return not self._fenced

    def question(self, now: int) -> Callable[[int, int, Location | None, int, bool], bool]:
        """`ordered(thread, time, atomic, later, cached)`: does what `thread` did at `time` happen before `later` now?

        `atomic` is the location if the first access is an atomic: who updates it later on has seen it. `cached` says
        that a cache may have kept what the first access changed, so that the second fence is needed. Many
        questions about one instruction have the same answer, because blocks publish and receive as a whole.
        """
        for enter, *details in self._events:
            enter(*details)
        self._events.clear()
        answers: set[tuple[int, int, _Point]] = set()  # blocks that are ordered as a whole with a point

        def ordered(thread: int, time: int, atomic: Location | None, later: int, cached: bool) -> bool:
            point = self._last_point(later, now)
            if not cached:
                point = point._replace(extent=_FENCED)
            groups = thread // self.threads, time, point
            if groups in answers:
                return True
            past = self._past_of(point)
            found = past.contains(thread, time, atomic)
            if found and past.of_block(groups[0], time):
                answers.add(groups)
            return found

        return ordered

    def _last_point(self, thread: int, now: int) -> _Point:
        """Where `thread` synchronised last, and with what fence since."""
        block, warp = thread // self.threads, self.warp(thread)
        updates = [_last(mine, (now, thread), _NEVER)[0] for mine in self.by_thread.get(thread, {}).values()]
        time, kind, number = max(
            (_last(self.block_barriers[block], now, 0), "block", block),
            (_last(self.warp_barriers[warp], now, 0), "warp", warp),
            (max(updates, default=0), "thread", thread),
        )
        fences = self.fences.get(thread, _Fences())
        fenced = _last(fences.device, now, 0) > time, _last(fences.any, now, 0) > time
        return _Point(time, kind, number, _FENCED if fenced[0] else _FENCED_IN_BLOCK if fenced[1] else _PAST)

    def _past_of(self, point: _Point) -> _Past:
        past = self._pasts.get(point)
        if past is None:
            if len(self._pasts) == _REMEMBERED:
                self._pasts.clear()
            past = self._pasts[point] = _Past(self, point)
        return past

    def warp(self, thread: int) -> int:
        """The number of a thread's warp in the grid."""
        block, within = divmod(thread, self.threads)
        return block * self.warps + within // 32


class _Past:
    """What happens before one point of the launch: up to which time of each thread, warp and block.

    Found backwards from that point, the latest first, and only as far as questions need.
    """

    def __init__(self, order: SynchronisationOrder, point: _Point) -> None:
        self._order = order
        self._until: dict[tuple[str, int], list[int]] = {}  # by how much of it
        self._atomics: dict[tuple[Location, int], int] = {}
        self._heap: list[_Step] = []
        self._reach(point.kind, point.number, point.time, point.extent)

    def of_block(self, block: int, time: int) -> bool:
        """Is all that a block did until `time` known to be past?"""
        return self._known("block", block) >= time

    def contains(self, thread: int, time: int, atomic: Location | None) -> bool:
        order = self._order
        places = (("thread", thread), ("block", thread // order.threads), ("warp", order.warp(thread)))
        while True:
            if any(self._known(*place) >= time for place in places):
                return True
            if atomic is not None and self._atomics.get((atomic, thread), -1) >= time:
                return True
            if not self._heap or -self._heap[0][0] < time:
                return False
            until, kind, number, extent = heappop(self._heap)
            if kind == "thread":
                self._before_thread(number, -until, extent)
            else:
                self._before_group(kind, number, -until, extent)

    def _known(self, kind: str, number: int) -> int:
        known = self._until.get((kind, number))
        return max(known[_PAST:]) if known else -1

    def _reach(self, kind: str, number: int, time: int, extent: int) -> None:
        """What `kind` `number` did until `time` belongs to the past, to this extent."""
        known = self._until.setdefault((kind, number), [0] * (_FENCED + 1))
        if time > max(known[extent:]):
            known[extent] = time
            heappush(self._heap, (-time, kind, number, extent))

    def _before_thread(self, thread: int, until: int, extent: int) -> None:
        order = self._order
        block, warp = thread // order.threads, order.warp(thread)
        self._reach("block", block, _last(order.block_barriers[block], until, 0), extent)
        self._reach("warp", warp, _last(order.warp_barriers[warp], until, 0), extent)
        fences = order.fences.get(thread)
        if fences is not None:
            self._reach("thread", thread, _last(fences.device, until, 0), _FENCED)
            if extent != _SOUGHT_OF_DEVICE:
                self._reach("thread", thread, _last(fences.any, until, 0), _FENCED_IN_BLOCK)
        if extent >= _PAST:
            self._receive(thread, until, extent)

    def _receive(self, thread: int, until: int, extent: int) -> None:
        """What came before the atomics that those of `thread` followed."""
        order = self._order
        block = thread // order.threads
        for location, mine in order.by_thread.get(thread, {}).items():
            received = _last(mine, (until, thread), _NEVER)
            for other, theirs in order.by_location[location].items():
                at = bisect_left(theirs, received) - 1
                if at < 0 or other == thread:
                    continue
                told = theirs[at][0]
                self._atomics[location, other] = max(self._atomics.get((location, other), 0), told)
                if extent == _FENCED and other // order.threads != block:
                    self._reach("thread", other, told, _SOUGHT_OF_DEVICE)
                elif extent > _PAST and other // order.threads == block:
                    self._reach("thread", other, told, _SOUGHT)

    def _before_group(self, kind: str, number: int, until: int, extent: int) -> None:
        """The threads of a block or warp that met at a barrier at time `until`."""
        order = self._order
        block = number if kind == "block" else number // order.warps
        self._reach("block", block, _last(order.block_barriers[block], until, 0), extent)
        for thread in order.active[block]:
            if kind == "block" or order.warp(thread) == number:
                self._reach("thread", thread, until, extent)


def _last(times: list[T], until: T, never: T) -> T:
    """The last of some ascending times (or moments) that is not after `until`; `never` if there is none."""
    at = bisect_right(times, until)
    return times[at - 1] if at else never
