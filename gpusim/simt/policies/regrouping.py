"""Warp instructions out of single threads' events, for counting.

Threads that run one by one report one lane at a time. Lanes of a warp that are at the same place in
the same iteration of the same loops, called from the same places, belong to one instruction: that
is how lockstep would have executed them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.events.observer import Observer
from gpusim.events.statements import Block
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.pattern import Pattern
from gpusim.places import Site


class Regrouper:
    """Collects the events of one block's threads, and replays them for observers of whole warps."""

    def __init__(self, observers: Sequence[Observer], chunk: Chunk) -> None:
        self.observers = observers
        self.chunk = chunk
        self.accesses: dict[tuple[Any, ...], list[tuple[int, int, Access]]] = {}
        self.branches: dict[tuple[Any, ...], list[tuple[int, bool]]] = {}
        self.issued: dict[tuple[Any, ...], list[int]] = {}

    def recorder(self, thread: int, path: list[Any]) -> Recorder:
        """An observer for one thread; `path` says where in its loops and calls it is."""
        return Recorder(self, thread, path)

    def replay(self) -> None:
        """Report everything, a warp instruction at a time."""
        for observer in self.observers:
            observer.begin_chunk(self.chunk)
            self._replay(observer)
            observer.end_chunk(self.chunk)

    def _replay(self, observer: Observer) -> None:
        chunk = self.chunk
        for group in self.accesses.values():
            one = group[0][2]
            addresses = np.zeros(chunk.lanes, dtype=np.int64)
            threads = [thread for thread, _, _ in group]
            addresses[threads] = [address for _, address, _ in group]
            mask = self._mask(threads)
            observer.access(Access(one.op, one.site, one.view, Pattern(addresses), 0, mask, chunk))
        for (site, loop, *_), outcomes in self.branches.items():
            mask = self._mask([thread for thread, _ in outcomes])
            observer.branch(site, mask, None, int(len({taken for _, taken in outcomes}) > 1), loop)
        for (block, *_), threads in self.issued.items():
            observer.issue(block, self._mask(threads))

    def _mask(self, threads: list[int]) -> Mask:
        bits = np.zeros(self.chunk.lanes, dtype=np.bool_)
        bits[threads] = True
        return Mask(bits, len(threads), 1, self.chunk.threads)


class Recorder(Observer):
    """Sorts one thread's events into the groups of its warp."""

    def __init__(self, regrouper: Regrouper, thread: int, path: list[Any]) -> None:
        self.regrouper = regrouper
        self.thread = thread
        self.path = path
        self.warp = thread // 32
        self._visits: dict[tuple[Any, ...], int] = {}

    def access(self, access: Access) -> None:
        key = self._once((access.site, access.op, access.buffer.array, self.warp, *self.path))
        address: Any = access.addresses
        place = int(address if np.ndim(address) == 0 else address[self.thread])
        self.regrouper.accesses.setdefault(key, []).append((self.thread, place, access))

    def branch(self, site: Site, mask: Mask, taken: Mask | None, diverged: int, loop: bool) -> None:
        key = self._once((site, loop, self.warp, *self.path))
        self.regrouper.branches.setdefault(key, []).append((self.thread, taken is not None))

    def issue(self, block: Block, mask: Mask) -> None:
        key = self._once((block, self.warp, *self.path))
        self.regrouper.issued.setdefault(key, []).append(self.thread)

    def _once(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """The key, made different when the thread comes to the same place again (a slice, element by element)."""
        visits = self._visits.get(key, 0)
        self._visits[key] = visits + 1
        return (*key, visits)
