"""An independent simulator, as simple as can be: one greenlet per thread, one thread at a time.

It runs the kernel's own Python function with `cuda` replaced by an object that answers for one
thread. Every element access is recorded as a plain tuple; the counters of gpusim are checked against
sums over these tuples. It knows nothing of lanes, masks or vectors.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from types import FunctionType, SimpleNamespace
from typing import Any

import greenlet
import numpy as np


@dataclass
class Record:
    """(op, space, array name, block, thread, byte address, item size) of all accesses in order; barriers."""

    accesses: list[tuple[str, str, str, int, int, int, int]] = field(default_factory=list)
    barriers: int = 0

    def count(self, space: str, op: str) -> int:
        return sum(a[0] == op and a[1] == space for a in self.accesses)

    def per_thread(self, space: str, op: str, shape: tuple[int, int]) -> np.ndarray:
        counts = np.zeros(shape, dtype=np.int64)
        for access in self.accesses:
            if access[0] == op and access[1] == space:
                counts[access[3], access[4]] += 1
        return counts


class Recorded:
    """An array that records the accesses of the current thread."""

    def __init__(self, data: np.ndarray, name: str, space: str, machine: Machine, base: np.ndarray | None = None):
        self.data = data
        self.name = name
        self.space = space
        self.machine = machine
        self.base = data if base is None else base

    shape = property(lambda self: self.data.shape)
    size = property(lambda self: self.data.size)
    ndim = property(lambda self: self.data.ndim)

    def __len__(self) -> int:
        return len(self.data)

    def _element(self, index: Any) -> tuple[Any, bool]:
        part = self.data[index if isinstance(index, tuple) else (index,)]
        return part, np.ndim(part) == 0

    def _note(self, op: str, index: Any) -> None:
        parts = index if isinstance(index, tuple) else (index,)
        place = self.data.__array_interface__["data"][0] - self.base.__array_interface__["data"][0]
        for i, extent, stride in zip(parts, self.data.shape, self.data.strides, strict=True):
            place += (int(i) % extent) * stride
        machine = self.machine
        machine.record.accesses.append(
            (op, self.space, self.name, machine.block, machine.thread, place, self.data.itemsize)
        )

    def __getitem__(self, index: Any) -> Any:
        part, scalar = self._element(index)
        if not scalar:
            return Recorded(part, self.name, self.space, self.machine, self.base)
        self._note("load", index)
        return part

    def __setitem__(self, index: Any, value: Any) -> None:
        self._note("store", index)
        self.data[index] = value


class Machine:
    """Runs a launch thread by thread; a barrier switches to the next thread of the block."""

    def __init__(self, grid: tuple[int, int, int], block: tuple[int, int, int]) -> None:
        self.grid = grid
        self.block_dim = block
        self.record = Record()
        self.block = self.thread = 0
        self._shared: dict[Any, np.ndarray] = {}

    def cuda(self) -> SimpleNamespace:
        machine = self

        def position(linear: int, extent: tuple[int, int, int]) -> SimpleNamespace:
            x, y = extent[0], extent[1]
            return SimpleNamespace(x=linear % x, y=linear // x % y, z=linear // (x * y))

        class Namespace(SimpleNamespace):
            @property
            def threadIdx(self) -> SimpleNamespace:
                return position(machine.thread, machine.block_dim)

            @property
            def blockIdx(self) -> SimpleNamespace:
                return position(machine.block, machine.grid)

        def grid(ndim: int) -> Any:
            t, b = position(machine.thread, machine.block_dim), position(machine.block, machine.grid)
            values = tuple(getattr(b, a) * machine.block_dim[k] + getattr(t, a) for k, a in enumerate("xyz"[:ndim]))
            return values[0] if ndim == 1 else values

        def add(array: Recorded, index: Any, value: Any) -> Any:
            array._note("atomic", index)
            old = array.data[index]
            array.data[index] += value
            return old

        return Namespace(
            blockDim=SimpleNamespace(**dict(zip("xyz", machine.block_dim, strict=True))),
            gridDim=SimpleNamespace(**dict(zip("xyz", machine.grid, strict=True))),
            grid=grid,
            gridsize=lambda n: machine.grid[0] * machine.block_dim[0],
            syncthreads=lambda: greenlet.getcurrent().parent.switch("barrier"),
            shared=SimpleNamespace(array=machine._shared_array),
            atomic=SimpleNamespace(add=add),
        )

    def _shared_array(self, shape: Any, dtype: Any) -> Recorded:
        # Each thread calls the same allocations in the same order.
        number = self._allocations[self.thread]
        self._allocations[self.thread] += 1
        if number not in self._shared:
            self._shared[number] = np.zeros(shape, dtype=np.dtype(str(dtype)))
        return Recorded(self._shared[number], f"shared{number}", "shared", self)

    def run(self, function: FunctionType, arguments: tuple[Any, ...], names: tuple[str, ...]) -> Record:
        scope = {**function.__globals__, "cuda": self.cuda()}
        kernel = FunctionType(function.__code__, scope, function.__name__, None, function.__closure__)
        wrapped = [
            Recorded(a, name, "global", self) if isinstance(a, np.ndarray) else a
            for name, a in zip(names, arguments, strict=True)
        ]
        threads = int(np.prod(self.block_dim))
        for block in range(int(np.prod(self.grid))):
            self.block = block
            self._shared = {}
            self._allocations = defaultdict(int)
            waiting = {thread: greenlet.greenlet(kernel) for thread in range(threads)}
            started: set[int] = set()
            while waiting:
                reached = 0
                for self.thread in list(waiting):
                    body = waiting[self.thread]
                    said = body.switch() if self.thread in started else body.switch(*wrapped)
                    started.add(self.thread)
                    if body.dead:
                        del waiting[self.thread]
                    else:
                        reached += said == "barrier"
                self.record.barriers += reached > 0
        return self.record


def run_threads(kernel: Any, grid: Any, block: Any, *arguments: Any) -> Record:
    """Launch `kernel` (a dispatcher or function) on the oracle; arrays are changed in place."""
    function = getattr(kernel, "py_func", kernel)

    def extent(given: Any) -> tuple[int, int, int]:
        parts = given if isinstance(given, tuple) else (given,)
        return (*parts, 1, 1)[:3]  # type: ignore[return-value]

    machine = Machine(extent(grid), extent(block))
    with np.errstate(all="ignore"):
        return machine.run(function, arguments, function.__code__.co_varnames[: len(arguments)])


def hardware_counts(record: Record, threads_per_block: int) -> dict[str, int]:
    """Sectors, wavefronts and conflicts by the definitions, from addresses grouped into warp requests.

    Requests are recovered by order: the n-th access of a thread at... a caller passes kernels in which
    every thread executes the same sequence of accesses, so the n-th of each belong together.
    """
    requests: dict[tuple[int, int, int], list[tuple[str, str, int, int, int]]] = defaultdict(list)
    position: dict[tuple[int, int], int] = defaultdict(int)
    for op, space, _, block, thread, address, size in record.accesses:
        n = position[block, thread]
        position[block, thread] += 1
        requests[block, thread // 32, n].append((op, space, thread % 32, address, size))
    result: dict[str, int] = defaultdict(int)
    for lanes in requests.values():
        op, space, _, _, size = lanes[0]
        result[f"{space}_{op}_requests"] += 1
        if space == "global":
            touched = {byte // 32 for _, _, _, a, s in lanes for byte in range(a, a + s)}
            result[f"global_{op}_sectors"] += len(touched)
        elif space == "shared":
            group = 32 if size <= 4 else 16 if size == 8 else 8
            for start in range(0, 32, group):
                words = {
                    byte // 4 for _, _, lane, a, s in lanes if start <= lane < start + group for byte in range(a, a + s)
                }
                if words:
                    per_bank: dict[int, int] = defaultdict(int)
                    for word in words:
                        per_bank[word % 32] += 1
                    result[f"shared_{op}_wavefronts"] += max(per_bank.values())
                    result[f"shared_{op}_bank_conflicts"] += max(per_bank.values()) - 1
    return dict(result)
