"""The CUDA driver of the simulated device: what Numba's host side calls, with the results of NVIDIA's library.

Numba's own contexts, streams, events, memory managers and device arrays run on top of it unchanged. All work
is done when it is submitted, and an address of the device is an address of this process.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from numba.cuda.cudadrv.driver import CudaAPIError

from gpusim.host.memory import MEMORY, Allocation
from gpusim.kernel.dialects import IN_NUMBA, NUMBA
from gpusim.machine.attributes import ATTRIBUTES, VERSION

if NUMBA is not IN_NUMBA:
    from cuda.bindings.driver import CUcontext, CUdeviceptr, CUevent, CUevent_flags, CUresult, CUstream
else:
    from gpusim.host.binding import CUcontext, CUdeviceptr, CUevent, CUevent_flags, CUresult, CUstream

# The handles that CUDA reserves (CUDA driver API, "Stream synchronization behavior").
_RESERVED_STREAMS = 2


def refused(code: str, sentence: str) -> CudaAPIError:
    """The error of a driver call: CUDA's name for it, with a sentence."""
    result = getattr(CUresult, f"CUDA_ERROR_{code}")
    return CudaAPIError(result, f"{sentence} ({result.name})")


class Contexts:
    """The device, and the stack of contexts that every thread of the program has."""

    primary = 1

    def __init__(self) -> None:
        self._threads = threading.local()
        self._handles = itertools.count(self.primary + 1)

    @property
    def _stack(self) -> list[int]:
        if not hasattr(self._threads, "stack"):
            self._threads.stack = []
        stack: list[int] = self._threads.stack
        return stack

    def cuInit(self, flags: int) -> None:
        """There is nothing to start."""

    def cuDriverGetVersion(self) -> int:
        major, minor = VERSION
        return 1000 * major + 10 * minor

    def cuDeviceGetCount(self) -> int:
        return 1

    def cuDeviceGetAttribute(self, attribute: Any, device: Any) -> int:
        name = attribute.name.removeprefix("CU_DEVICE_ATTRIBUTE_")
        if name not in ATTRIBUTES:
            raise refused("NOT_SUPPORTED", f"the simulated device has no attribute {name}")
        return ATTRIBUTES[name]

    def cuDeviceCanAccessPeer(self, device: Any, peer: Any) -> int:
        return 0

    def cuDevicePrimaryCtxRetain(self, device: Any) -> CUcontext:
        return CUcontext(self.primary)

    def cuDevicePrimaryCtxRelease(self, device: Any) -> None:
        """The context stays until the device is reset."""

    def cuDevicePrimaryCtxReset(self, device: Any) -> None:
        MEMORY.clear()

    def cuCtxCreate(self, *arguments: Any) -> CUcontext:
        self._stack.append(next(self._handles))
        return self.cuCtxGetCurrent()

    def cuCtxDestroy(self, context: CUcontext) -> None:
        self._stack[:] = [handle for handle in self._stack if handle != int(context)]

    def cuCtxGetCurrent(self) -> CUcontext:
        return CUcontext(self._stack[-1] if self._stack else 0)

    def cuCtxPushCurrent(self, context: CUcontext) -> None:
        self._stack.append(int(context))

    def cuCtxPopCurrent(self) -> CUcontext:
        if not self._stack:
            raise refused("INVALID_CONTEXT", "there is no context to pop")
        return CUcontext(self._stack.pop())

    def cuCtxGetDevice(self) -> int:
        return 0

    def cuCtxSynchronize(self) -> None:
        """All work is done."""


class Memory:
    """Allocations of the device and of pinned, mapped and managed memory; copies and fills."""

    def cuMemGetInfo(self) -> tuple[int, int]:
        return MEMORY.free, MEMORY.total

    def cuMemAlloc(self, size: int) -> CUdeviceptr:
        if not size:
            raise refused("INVALID_VALUE", "an allocation of no bytes is not possible")
        try:
            return CUdeviceptr(MEMORY.allocate(size).address)
        except MemoryError as error:
            raise refused("OUT_OF_MEMORY", str(error)) from None

    def cuMemAllocManaged(self, size: int, flags: int) -> CUdeviceptr:
        return CUdeviceptr(self.cuMemHostAlloc(size, flags))

    def cuMemHostAlloc(self, size: int, flags: int) -> int:
        return MEMORY.allocate(size, on_device=False, undefined=False).address

    def cuMemHostGetDevicePointer(self, address: Any, flags: int) -> CUdeviceptr:
        return CUdeviceptr(int(address))

    def cuMemHostRegister(self, address: Any, size: int, flags: int) -> None:
        if MEMORY.find(int(address)) is not None:
            raise refused("HOST_MEMORY_ALREADY_REGISTERED", f"the memory at {int(address):#x} is pinned already")
        MEMORY.register(int(address), size)

    def cuMemHostUnregister(self, address: Any) -> None:
        self._release(address)

    def cuMemFree(self, address: Any) -> None:
        self._release(address)

    def cuMemFreeHost(self, address: Any) -> None:
        self._release(address)

    def cuIpcGetMemHandle(self, address: Any) -> Any:
        raise refused("NOT_SUPPORTED", "the simulated device cannot share memory with other processes")

    def cuMemGetAddressRange(self, address: Any) -> tuple[CUdeviceptr, int]:
        allocation = self._reached(address, 0)
        return CUdeviceptr(allocation.address), allocation.size

    def cuPointerGetAttribute(self, attribute: Any, address: Any) -> CUdeviceptr:
        """The address on the device of memory that both sides reach, which Numba's own `numba.cuda` asks for."""
        return CUdeviceptr(int(address))

    def cuMemcpyHtoD(self, target: Any, source: Any, size: int) -> None:
        self._write(target, size, lambda: ctypes.memmove(int(target), int(source), size))

    def cuMemcpyDtoH(self, target: Any, source: Any, size: int) -> None:
        _ = self._reached(source, size).storage
        ctypes.memmove(int(target), int(source), size)

    def cuMemcpyDtoD(self, target: Any, source: Any, size: int) -> None:
        start, goal = self._reached(source, size), self._reached(target, size)
        goal.copy(int(target) - goal.address, start, int(source) - start.address, size)

    def cuMemsetD8(self, target: Any, value: int, size: int) -> None:
        self._write(target, size, lambda: ctypes.memset(int(target), value & 0xFF, size))

    def cuMemcpyHtoDAsync(self, target: Any, source: Any, size: int, stream: Any) -> None:
        self.cuMemcpyHtoD(target, source, size)

    def cuMemcpyDtoHAsync(self, target: Any, source: Any, size: int, stream: Any) -> None:
        self.cuMemcpyDtoH(target, source, size)

    def cuMemcpyDtoDAsync(self, target: Any, source: Any, size: int, stream: Any) -> None:
        self.cuMemcpyDtoD(target, source, size)

    def cuMemsetD8Async(self, target: Any, value: int, size: int, stream: Any) -> None:
        self.cuMemsetD8(target, value, size)

    def _write(self, target: Any, size: int, action: Callable[[], Any]) -> None:
        allocation = self._reached(target, size)
        allocation.define(int(target) - allocation.address, size)
        action()

    def _reached(self, address: Any, size: int) -> Allocation:
        allocation = MEMORY.span(address, size)
        if allocation is None:
            raise refused(
                "INVALID_VALUE",
                f"{size} bytes at address {int(address):#x} are not in the memory of the simulated device",
            )
        return allocation

    def _release(self, address: Any) -> None:
        if not MEMORY.release(int(address)):
            raise refused("INVALID_VALUE", f"nothing is allocated at address {int(address):#x}")


class Work:
    """Streams, which are always empty, and events, which say how long the simulation took."""

    def __init__(self) -> None:
        self._handles = itertools.count(_RESERVED_STREAMS + 1)
        self._timed: dict[int, bool] = {}
        self._seconds: dict[int, float] = {}

    def cuStreamCreate(self, flags: int) -> CUstream:
        return CUstream(next(self._handles))

    def cuStreamDestroy(self, stream: Any) -> None:
        """Nothing waits in a stream."""

    def cuStreamSynchronize(self, stream: Any) -> None:
        """Everything in the stream is done already."""

    def cuStreamQuery(self, stream: Any) -> None:
        """Everything in the stream is done already."""

    def cuStreamWaitEvent(self, stream: Any, event: Any, flags: int) -> None:
        """What the event waits for is done already."""

    def cuEventCreate(self, flags: int) -> CUevent:
        handle = next(self._handles)
        self._timed[handle] = not flags & CUevent_flags.CU_EVENT_DISABLE_TIMING
        return CUevent(handle)

    def cuEventDestroy(self, event: Any) -> None:
        self._timed.pop(int(event), None)
        self._seconds.pop(int(event), None)

    def cuEventRecord(self, event: Any, stream: Any) -> None:
        self._seconds[int(event)] = time.perf_counter()

    def cuEventQuery(self, event: Any) -> None:
        """All work before the event is done."""

    def cuEventSynchronize(self, event: Any) -> None:
        """All work before the event is done."""

    def cuEventElapsedTime(self, start: Any, end: Any) -> float:
        """Milliseconds from one event to another."""
        for event in (int(start), int(end)):
            if not self._timed.get(event):
                raise refused("INVALID_HANDLE", "an event that was created with timing=False cannot measure time")
            if event not in self._seconds:
                raise refused("INVALID_HANDLE", "both events have to be recorded before the time between them is known")
        return (self._seconds[int(end)] - self._seconds[int(start)]) * 1e3

    def cuProfilerStart(self) -> None:
        """There is no profiler to start."""

    def cuProfilerStop(self) -> None:
        """There is no profiler to stop."""


class Linking:
    """Numba's own `numba.cuda` links with calls of the driver. It may ask about files, and gets no code for a GPU."""

    def cuLinkCreate(self, count: int, options: Any, values: Any) -> int:
        return 1

    def cuLinkDestroy(self, state: Any) -> None:
        """There is nothing to free."""

    def cuLinkAddData(self, *arguments: Any) -> None:
        """Code in the memory of the program is not looked at."""

    def cuLinkAddFile(self, state: Any, kind: Any, path: bytes, *options: Any) -> None:
        if not os.path.exists(path):
            raise refused("FILE_NOT_FOUND", f"there is no file {os.fsdecode(path)}")


class DriverCalls:
    """The calls by name; each returns (status, results...), as `cuda.bindings.driver` does."""

    def __init__(self) -> None:
        self._parts = (Contexts(), Memory(), Work(), Linking())
        self._process: int | None = None

    def find(self, name: str) -> Callable[..., tuple[Any, ...]]:
        """The call with this name; one that the simulator lacks says so when it is called."""
        call = next((getattr(part, name) for part in self._parts if hasattr(part, name)), None)
        if call is None:
            return _missing(name)

        @wraps(call)
        def checked(*arguments: Any) -> tuple[Any, ...]:
            if name == "cuInit":
                self._process = os.getpid()
            if os.getpid() != self._process:  # a GPU does not survive a fork, either
                return (CUresult.CUDA_ERROR_NOT_INITIALIZED,)
            result = call(*arguments)
            if result is None:
                return (CUresult.CUDA_SUCCESS,)
            return (CUresult.CUDA_SUCCESS, *(result if isinstance(result, tuple) else (result,)))

        return checked


def _missing(name: str) -> Callable[..., Any]:
    def missing(*arguments: Any) -> Any:
        raise refused("NOT_SUPPORTED", f"the simulated device has no driver call {name}")

    missing.__name__ = name
    return missing
