"""Where the transformer's kernels run: on the simulator or on a GPU.  Both keep one row per kernel."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

import gpusim
from gpusim.host.gpu import arguments_for, require_gpu
from lm.errors import LMError
from lm.kernels.operation import Operation, python_function


@dataclass
class KernelRow:
    """What all launches in one place of the kernel set cost together.

    Loads and stores are element accesses, as in gpusim's `Run.counts`; None where nothing counts (on a GPU).
    """

    place: str
    kernel: str
    launches: int = 0
    seconds: float = 0.0
    global_loads: int | None = None
    global_stores: int | None = None
    shared_loads: int | None = None
    shared_stores: int | None = None
    barriers: int | None = None


class _Rows(dict[str, KernelRow]):
    """The row of each place, in the order of the first launches."""

    def of(self, place: str, operation: Operation) -> KernelRow:
        return self.setdefault(place, KernelRow(place, python_function(operation.kernel).__name__))


class Device(Protocol):
    """Where kernels run.  Arrays on it are C-contiguous and have `shape`, `reshape` and `[first:]`.

    rows      what the launches of each place cost; findings: what checks found
    """

    rows: _Rows
    findings: list[Any]

    def put(self, array: np.ndarray) -> Any:
        """A copy of the array on the device."""

    def empty(self, shape: tuple[int, ...]) -> Any:
        """An uninitialised float32 array on the device."""

    def get(self, array: Any) -> np.ndarray:
        """A copy of the device's array on the host."""

    def launch(self, place: str, operation: Operation, *args: Any) -> None:
        """Run the operation's kernel; `place` is its place in the kernel set."""


class Simulator:
    """Runs kernels with `gpusim.simulate`.  `check` is passed on: "all", "none" or names of tools."""

    def __init__(self, check: Any = "all") -> None:
        self.check = check
        self.rows = _Rows()
        self.findings: list[Any] = []

    def put(self, array: np.ndarray) -> np.ndarray:
        return np.array(array, order="C")

    def empty(self, shape: tuple[int, ...]) -> np.ndarray:
        """NaN everywhere, so that a value that no kernel wrote shows in the result."""
        return np.full(shape, np.nan, np.float32)

    def get(self, array: np.ndarray) -> np.ndarray:
        return array

    def launch(self, place: str, operation: Operation, *args: Any) -> None:
        """Raises gpusim's KernelError or MemoryFault when the kernel is wrong."""
        grid, block = operation.launch(*args)
        run = gpusim.simulate(operation.kernel, check=self.check)[grid, block](*args)
        row = self.rows.of(place, operation)
        row.launches += 1
        row.seconds += run.seconds
        counts = run.counts
        for counter, number in (
            ("global_loads", counts["global"]["loads"]),
            ("global_stores", counts["global"]["stores"]),
            ("shared_loads", counts["shared"]["loads"]),
            ("shared_stores", counts["shared"]["stores"]),
            ("barriers", counts["barriers"]),
        ):
            setattr(row, counter, (getattr(row, counter) or 0) + int(number))
        self.findings.extend(run.findings)


class Gpu:
    """Runs the same kernels on an NVIDIA GPU through the package that they are written for.

    Raises GpusimError when there is none.
    """

    def __init__(self) -> None:
        require_gpu()
        self.rows = _Rows()
        self.findings: list[Any] = []

    def put(self, array: np.ndarray) -> Any:
        from numba import cuda

        return cuda.to_device(np.ascontiguousarray(array))

    def empty(self, shape: tuple[int, ...]) -> Any:
        from numba import cuda

        return cuda.device_array(shape, np.float32)

    def get(self, array: Any) -> np.ndarray:
        return array.copy_to_host()

    def launch(self, place: str, operation: Operation, *args: Any) -> None:
        """Seconds include waiting for the kernel and, in a kernel's first launch, compiling it."""
        from numba import cuda

        grid, block = operation.launch(*args)
        start = time.perf_counter()
        operation.kernel[grid, block](*arguments_for(operation.kernel, args))
        cuda.synchronize()
        row = self.rows.of(place, operation)
        row.launches += 1
        row.seconds += time.perf_counter() - start


def open_device(name: str, check: Any = "all") -> Device:
    """The device of that name: "sim" or "gpu"."""
    if name == "sim":
        return Simulator(check)
    if name == "gpu":
        return Gpu()
    raise LMError(f"there is no device {name!r}: the devices are torch, sim and gpu")
