"""Happens-before by fences and atomics: locks, flags, and the last block that finishes.

A thread that executes a fence and then an atomic on some location publishes everything that it did
before the fence, and what its block did before a barrier before that. A later atomic on the same
location receives this: for its thread at once, for its warp after the next `syncwarp`, for its block
after the next barrier. This is the release/acquire reading of `__threadfence` (CUDA C++ Programming
Guide, "Memory Fence Functions", whose example is the last-block reduction; Gharachorloo et al.,
"Memory consistency and event ordering in scalable shared-memory multiprocessors", 1990).
`threadfence_block` publishes to the threads of the same block only.

Few programs share data in this way, so events are only listed while a kernel runs, and sorted out
when the first question comes: about two accesses that nothing simpler orders.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any, TypeVar

import numpy as np

from gpusim.memory.buffer import Buffer

Moment = tuple[int, int]
"""(time of the memory instruction, thread): atomics of one instruction happen in the order of threads."""

Location = tuple[Buffer, int]
"""A buffer and an address in it."""

T = TypeVar("T", int, Moment)

_NEVER: Moment = (0, -1)
_BLOCK, _DEVICE = range(2)
_SCOPES = {"block": _BLOCK, "device": _DEVICE}

_REMEMBERED = 64
"""Points of the launch whose past is kept for the next question."""


@dataclass
class _Atomics:
    """The atomics of one thread on one location, in order: when, and its last fence of each scope before (0: none)."""

    when: list[Moment] = field(default_factory=list)
    fences: tuple[list[int], list[int]] = field(default_factory=lambda: ([], []))


class SynchronisationOrder:
    """The fences, atomics and barriers of a launch, and the order that they make."""

    def __init__(self, threads_per_block: int) -> None:
        self.threads = threads_per_block
        self.warps = -(-threads_per_block // 32)
        self._events: list[tuple[Any, ...]] = []
        self._fenced = False
        self._early: dict[Any, tuple[Any, ...]] = {}  # the last barriers before the first fence; no others matter
        self._fences: dict[int, tuple[int, int]] = {}
        self._pasts: dict[tuple[int, str, int], _Past] = {}
        self.by_thread: dict[int, dict[Location, _Atomics]] = defaultdict(lambda: defaultdict(_Atomics))
        self.by_location: dict[Location, dict[int, _Atomics]] = defaultdict(dict)
        self.updaters: dict[int, set[int]] = defaultdict(set)  # the threads of a block that execute atomics
        self.block_barriers: dict[int, list[int]] = defaultdict(list)
        self.warp_barriers: dict[int, list[int]] = defaultdict(list)

    # Events

    def fence(self, time: int, threads: np.ndarray, scope: str) -> None:
        """`threads` execute a fence."""
        if not self._fenced:
            self._fenced = True
            self._events = sorted(self._early.values(), key=lambda event: event[1])
        self._events.append((self._enter_fence, time, threads, _SCOPES[scope]))

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

    def _enter_fence(self, time: int, threads: np.ndarray, scope: int) -> None:
        for thread in threads.tolist():
            device = self._fences.get(thread, (0, 0))[_DEVICE]
            self._fences[thread] = (time, time if scope == _DEVICE else device)

    def _enter_atomic(self, time: int, threads: np.ndarray, buffer: Buffer, addresses: np.ndarray) -> None:
        for thread, address in zip(threads.tolist(), addresses.tolist(), strict=True):
            location = (buffer, address)
            atomics = self.by_thread[thread][location]
            atomics.when.append((time, thread))
            for known, last in zip(atomics.fences, self._fences.get(thread, (0, 0)), strict=True):
                known.append(last)
            self.by_location[location][thread] = atomics
            self.updaters[thread // self.threads].add(thread)

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

    def question(self, now: int) -> Callable[[int, int, Location | None, int], bool]:
        """`ordered(thread, time, atomic, later)`: does what `thread` did at `time` happen before `later` now?

        `atomic` is the location if the first access is an atomic: who updates it later on has seen it. Many
        questions about one instruction have the same answer, because blocks publish and receive as a whole.
        """
        for enter, *details in self._events:
            enter(*details)
        self._events.clear()
        answers: set[tuple[int, int, int]] = set()  # blocks all of whose threads are ordered

        def ordered(thread: int, time: int, atomic: Location | None, later: int) -> bool:
            groups = thread // self.threads, time, later // self.threads
            if groups in answers:
                return True
            past = self._past_of(later, now)
            found = past.contains(thread, time, atomic)
            if found and past.of_block_with_block(groups[0], time):
                answers.add(groups)
            return found

        return ordered

    def _past_of(self, thread: int, time: int) -> _Past:
        """What happens before `thread` does something at `time`: before the last time that it synchronised."""
        block, warp = thread // self.threads, self.warp(thread)
        updates = [_last(mine.when, (time, thread), _NEVER)[0] for mine in self.by_thread[thread].values()]
        key = max(
            (_last(self.block_barriers[block], time, 0), "block", block),
            (_last(self.warp_barriers[warp], time, 0), "warp", warp),
            (max(updates, default=0), "thread", thread),
        )
        past = self._pasts.get(key)
        if past is None:
            if len(self._pasts) == _REMEMBERED:
                self._pasts.clear()
            past = self._pasts[key] = _Past(self, *key)
        return past

    def warp(self, thread: int) -> int:
        """The number of a thread's warp in the grid."""
        block, within = divmod(thread, self.threads)
        return block * self.warps + within // 32


class _Past:
    """What happens before one point of the launch: up to which time of each thread, warp and block.

    Found backwards from that point, the latest first, and only as far as questions need.
    """

    def __init__(self, order: SynchronisationOrder, time: int, kind: str, number: int) -> None:
        self._order = order
        self._until: dict[tuple[str, int], int] = {}
        self._atomics: dict[tuple[Location, int], int] = {}
        self._heap: list[tuple[int, str, int]] = []
        self._kind = kind
        self._reach(kind, number, time)

    def of_block_with_block(self, block: int, time: int) -> bool:
        """Is this the past of a whole block, and does it contain what a whole block did until `time`?"""
        return self._kind == "block" and self._until.get(("block", block), -1) >= time

    def contains(self, thread: int, time: int, atomic: Location | None) -> bool:
        order = self._order
        places = (("thread", thread), ("block", thread // order.threads), ("warp", order.warp(thread)))
        while True:
            if any(self._until.get(place, -1) >= time for place in places):
                return True
            if atomic is not None and self._atomics.get((atomic, thread), -1) >= time:
                return True
            if not self._heap or -self._heap[0][0] < time:
                return False
            until, kind, number = heappop(self._heap)
            if kind == "thread":
                self._before_thread(number, -until)
            else:
                self._before_group(kind, number, -until)

    def _reach(self, kind: str, number: int, time: int) -> None:
        """All that `kind` `number` did until `time` belongs to the past."""
        if time > self._until.get((kind, number), 0):
            self._until[kind, number] = time
            heappush(self._heap, (-time, kind, number))

    def _before_thread(self, thread: int, until: int) -> None:
        order = self._order
        block, warp = thread // order.threads, order.warp(thread)
        self._reach("block", block, _last(order.block_barriers[block], until, 0))
        self._reach("warp", warp, _last(order.warp_barriers[warp], until, 0))
        for location, mine in order.by_thread.get(thread, {}).items():
            received = _last(mine.when, (until, thread), _NEVER)
            for other, theirs in order.by_location[location].items():
                at = bisect_left(theirs.when, received) - 1
                if at >= 0 and other != thread:
                    scope = _BLOCK if other // order.threads == block else _DEVICE
                    self._atomics[location, other] = max(self._atomics.get((location, other), 0), theirs.when[at][0])
                    self._reach("thread", other, theirs.fences[scope][at])

    def _before_group(self, kind: str, number: int, until: int) -> None:
        """The threads of a block or warp that met at a barrier at time `until`."""
        order = self._order
        block = number if kind == "block" else number // order.warps
        self._reach("block", block, _last(order.block_barriers[block], until, 0))
        for thread in order.updaters[block]:
            if kind == "block" or order.warp(thread) == number:
                self._reach("thread", thread, until)


def _last(times: list[T], until: T, never: T) -> T:
    """The last of some ascending times (or moments) that is not after `until`; `never` if there is none."""
    at = bisect_right(times, until)
    return times[at - 1] if at else never
