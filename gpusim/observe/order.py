"""Happens-before between blocks: what atomics and fences order.

A thread that executes a fence and then an atomic on some location publishes everything that it (and,
through barriers, its block) did before the fence. A later atomic on the same location receives that,
for its thread at once and for its block after the next barrier. This is the release/acquire reading
of `__threadfence` (CUDA C++ Programming Guide, "Memory Fence Functions": the last-block reduction).

Questions are answered lazily, only for pairs of accesses that nothing simpler orders: programs whose
blocks share data through atomics are rare, so recording must be cheap and asking may cost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

Moment = tuple[int, int]
"""(time of the memory instruction, thread): atomics of one instruction happen in the order of threads."""


@dataclass(frozen=True)
class Publication:
    """An atomic of `thread` at `when`, after a fence at `fence` (0: no fence before it)."""

    when: Moment
    thread: int
    fence: int


class SynchronisationOrder:
    """The atomics, fences and barriers of a launch, and the order that they make."""

    def __init__(self, threads_per_block: int) -> None:
        self._threads = threads_per_block
        self._fences: dict[int, int] = {}
        self._by_location: dict[tuple[int, int], list[Publication]] = defaultdict(list)
        self._by_block: dict[int, list[tuple[Publication, tuple[int, int]]]] = defaultdict(list)
        # By the first block of the chunk: the times of its barriers, and which of its blocks took part.
        self._barriers: dict[int, list[tuple[int, np.ndarray | None]]] = defaultdict(list)
        self._known: dict[tuple[int, int, int, int], bool] = {}

    def fence(self, time: int, thread: int) -> None:
        self._fences[thread] = time

    def barrier(self, time: int, first_block: int, arrived: np.ndarray | None) -> None:
        """A barrier of a chunk's blocks: of all, or (bool, one per block) of those that arrived."""
        self._barriers[first_block].append((time, arrived))

    def atomic(self, time: int, thread: int, location: tuple[int, int]) -> None:
        """`location` is (identity of the buffer, address)."""
        publication = Publication((time, thread), thread, self._fences.get(thread, 0))
        self._by_location[location].append(publication)
        self._by_block[thread // self._threads].append((publication, location))

    @property
    def empty(self) -> bool:
        """No thread has published anything."""
        return not self._fences or not self._by_location

    def ordered(self, thread: int, time: int, later_thread: int, later_time: int) -> bool:
        """Does an access of `thread` at `time` happen before one of `later_thread` at `later_time`?"""
        key = (thread, time, later_thread, later_time)
        if key not in self._known:
            self._known[key] = self._search(thread, time, later_thread, later_time)
        return self._known[key]

    def _search(self, thread: int, time: int, later_thread: int, later_time: int) -> bool:
        """Follow publications from thread to thread, breadth first."""
        frontier = [(thread, time)]
        seen: set[Moment] = set()
        while frontier:
            source, since = frontier.pop()
            for publication, location in self._by_block[source // self._threads]:
                if publication.when in seen or not self._carries(publication, source, since):
                    continue
                seen.add(publication.when)
                for receiver in self._by_location[location]:
                    if receiver.when <= publication.when or receiver.thread == publication.thread:
                        continue
                    if self._same_or_barrier(receiver.thread, receiver.when[0], later_thread, later_time):
                        return True
                    frontier.append((receiver.thread, receiver.when[0]))
        return False

    def _carries(self, publication: Publication, thread: int, since: int) -> bool:
        """Does the publication include what `thread` did at `since`?"""
        return publication.fence > since and self._same_or_barrier(thread, since, publication.thread, publication.fence)

    def _same_or_barrier(self, thread: int, time: int, other: int, other_time: int) -> bool:
        """Within one block: the same thread later on, or another one after a barrier."""
        if time > other_time:
            return False
        if thread == other:
            return True
        if thread // self._threads != other // self._threads:
            return False
        return any(time <= barrier <= other_time for barrier in self._barriers_of(thread // self._threads))

    def _barriers_of(self, block: int) -> Iterator[int]:
        """The times of the barriers of one block."""
        first = max((start for start in self._barriers if start <= block), default=0)
        for time, arrived in self._barriers.get(first, ()):
            if arrived is None or (block - first < arrived.shape[0] and arrived[block - first]):
                yield time
