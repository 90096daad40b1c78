"""A brute-force judge of races, undefined reads and barriers: every access of every thread, all pairs compared.

Runs on the thread-by-thread simulator of `oracle` and knows nothing of stamps, masks or lockstep. It
understands barriers and `syncwarp` of whole blocks and warps; kernels whose control flow depends on
racing data are beyond it.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import greenlet
import numpy as np
from support.oracle import Machine, Recorded

NOTHING, WARNING, ERROR = range(3)


@dataclass(frozen=True)
class Touch:
    """One access: what, where, by whom, between which barriers; `visit` counts a thread's accesses of a line."""

    op: str
    array: str
    memory: tuple[str, int]
    start: int
    size: int
    block: int
    thread: int
    epoch: int
    warp_epoch: int
    line: int
    visit: int
    value: bytes
    order: int


@dataclass
class Verdict:
    """What the checks must say. Arrays and lines that are in `open_*` may be reported or not."""

    races: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    open_races: set[str] = field(default_factory=set)
    pairs: set[tuple[str, frozenset[int]]] = field(default_factory=set)
    undefined: set[int] = field(default_factory=set)
    open_undefined: set[int] = field(default_factory=set)
    outside: set[int] = field(default_factory=set)
    divergent: bool = False


class Watched(Recorded):
    """An array whose accesses carry lines, epochs and values."""

    def _touch(self, op: str, index: Any, value: Any) -> None:
        part = self.data[index]
        machine: RaceMachine = self.machine  # type: ignore[assignment]
        start = self.data.__array_interface__["data"][0] - self.base.__array_interface__["data"][0]
        start += (index % self.data.shape[0]) * self.data.strides[0]
        machine.touch(op, self, start, part.itemsize, np.asarray(value, self.data.dtype).tobytes())

    def __getitem__(self, index: Any) -> Any:
        self._touch("load", index, self.data[index])
        return self.data[index]

    def __setitem__(self, index: Any, value: Any) -> None:
        self._touch("store", index, value)
        self.data[index] = value


class RaceMachine(Machine):
    """Runs one-dimensional kernels and remembers every access."""

    def __init__(self, grid: int, block: int) -> None:
        super().__init__((grid, 1, 1), (block, 1, 1))
        self.touches: list[Touch] = []
        self.outside: set[int] = set()
        self.barriers: dict[tuple[int, int], list[int]] = defaultdict(list)
        self.warp_barriers: dict[tuple[int, int], int] = defaultdict(int)
        self.visits: dict[tuple[int, int, int, str], int] = defaultdict(int)

    def cuda(self) -> SimpleNamespace:
        namespace = super().cuda()
        namespace.syncthreads = self._barrier
        namespace.syncwarp = self._warp_barrier
        namespace.local = SimpleNamespace(array=self._local_array)
        namespace.atomic = SimpleNamespace(add=self._atomic_add)
        return namespace

    def _barrier(self) -> None:
        self.barriers[self.block, self.thread].append(sys._getframe(1).f_lineno)
        greenlet.getcurrent().parent.switch("barrier")

    def _warp_barrier(self) -> None:
        self.warp_barriers[self.block, self.thread] += 1
        greenlet.getcurrent().parent.switch("warp")

    def _shared_array(self, shape: Any, dtype: Any) -> Recorded:
        number = self._allocations[self.thread]
        self._allocations[self.thread] += 1
        if number not in self._shared:
            self._shared[number] = np.full(shape, np.nan, dtype=str(dtype))
        return Watched(self._shared[number], f"shared{number}", "shared", self)

    def _local_array(self, shape: Any, dtype: Any) -> Recorded:
        return Watched(np.full(shape, np.nan, dtype=str(dtype)), "local", "local", self)

    def _atomic_add(self, array: Watched, index: Any, value: Any) -> None:
        array._touch("atomic", index, value)
        array.data[index] += value

    def touch(self, op: str, array: Recorded, start: int, size: int, value: bytes) -> None:
        who = self.block, self.thread
        line = sys._getframe(3).f_lineno
        visit = self.visits[*who, line, op]
        self.visits[*who, line, op] += 1
        place = {"global": 0, "shared": self.block, "local": self.block * 1024 + self.thread}[array.space]
        memory = (array.name, place)
        epochs = len(self.barriers[who]), self.warp_barriers[who]
        self.touches.append(
            Touch(op, array.name, memory, start, size, *who, *epochs, line, visit, value, len(self.touches))
        )

    def launch(self, kernel: Any, arguments: tuple[Any, ...], names: tuple[str, ...]) -> Verdict:
        """Run the kernel; arrays are changed in place."""

        def guarded(*given: Any) -> None:
            watched = [Watched(a.data, a.name, a.space, self) if isinstance(a, Recorded) else a for a in given]
            scope = {**kernel.__globals__, "cuda": self.cuda()}
            try:
                type(kernel)(kernel.__code__, scope)(*watched)
            except IndexError as error:
                trace = error.__traceback__
                lines = []
                while trace is not None:
                    if trace.tb_frame.f_code is kernel.__code__:
                        lines.append(trace.tb_lineno)
                    trace = trace.tb_next
                self.outside.update(lines[-1:])

        with np.errstate(all="ignore"):
            self.run(guarded, arguments, names)
        return self._judge()

    # Judgement

    def _judge(self) -> Verdict:
        verdict = Verdict(outside=self.outside)
        threads = self.block_dim[0]
        for block in range(self.grid[0]):
            paths = {tuple(self.barriers[block, thread]) for thread in range(threads)}
            verdict.divergent |= len(paths) > 1
        by_byte: dict[tuple[tuple[str, int], int], list[Touch]] = defaultdict(list)
        for touch in self.touches:
            for byte in range(touch.start, touch.start + touch.size):
                by_byte[touch.memory, byte].append(touch)
        updates = {(t.block, t.thread, t.memory, t.start, t.line) for t in self.touches if t.op == "load"}
        for (memory, _), touches in by_byte.items():
            for first, second in combinations(touches, 2):
                self._compare(first, second, updates, verdict)
            if memory[0].startswith(("shared", "local")):
                self._undefined(touches, verdict)
        return verdict

    def _ordered(self, a: Touch, b: Touch) -> bool:
        """Does a barrier lie between two accesses, or are they by one thread?"""
        if a.block != b.block:
            return False
        if a.thread == b.thread or a.epoch != b.epoch:
            return True
        return a.thread // 32 == b.thread // 32 and a.warp_epoch != b.warp_epoch

    def _compare(self, a: Touch, b: Touch, updates: set[Any], verdict: Verdict) -> None:
        if self._ordered(a, b) or a.op == b.op == "load" or a.op == b.op == "atomic" or a.memory[0] == "local":
            return
        one_warp = a.block == b.block and a.thread // 32 == b.thread // 32
        stores = a.op == b.op == "store"
        same = stores and a.value == b.value and (a.start, a.size) == (b.start, b.size)
        severity = WARNING if same or one_warp else ERROR
        if one_warp and stores and (a.line, a.visit) == (b.line, b.visit):
            both_update = all((t.block, t.thread, t.memory, t.start, t.line) in updates for t in (a, b))
            if both_update or not same:
                severity = ERROR
        if one_warp and not stores and a.value == b.value:
            verdict.open_races.add(a.array)  # a store that may leave the element as it was
        else:
            verdict.races[a.array] = max(verdict.races[a.array], severity)
        verdict.pairs.add((a.array, frozenset((a.line, b.line))))

    def _undefined(self, touches: list[Touch], verdict: Verdict) -> None:
        for read in self._reads(touches):
            writes = [t for t in touches if t.op != "load" and t is not read]
            before = [w for w in writes if self._ordered(w, read) and self._earlier(w, read)]
            if not before:
                racing = any(not self._ordered(w, read) for w in writes)
                (verdict.open_undefined if racing else verdict.undefined).add(read.line)

    @staticmethod
    def _reads(touches: list[Touch]) -> Iterator[Touch]:
        return (touch for touch in touches if touch.op != "store")

    @staticmethod
    def _earlier(a: Touch, b: Touch) -> bool:
        if a.thread == b.thread:
            return a.order < b.order
        return (a.epoch, a.warp_epoch) < (b.epoch, b.warp_epoch)
