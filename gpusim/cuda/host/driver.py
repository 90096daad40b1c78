"""The calls of the CUDA driver that move bytes: an address of the device is an address of this process."""

from __future__ import annotations

import ctypes
from typing import Any

from gpusim.cuda.host.device import Device
from gpusim.cuda.host.memory import MEMORY, DevicePointer


class SimulatedDriver:
    """What Numba's `driver` object is asked for outside of the functions that `HostAPI` replaces."""

    is_available = True
    initialization_error = None

    def __init__(self, device: Device) -> None:
        self._device = device

    def get_version(self) -> tuple[int, int]:
        return 13, 0

    def get_device_count(self) -> int:
        return 1

    def get_device(self, devnum: int = 0) -> Device:
        return self._device

    def cuMemcpyHtoD(self, dst: Any, src: Any, size: int) -> None:
        ctypes.memmove(_target(dst, size), int(src), size)

    def cuMemcpyDtoH(self, dst: Any, src: Any, size: int) -> None:
        ctypes.memmove(int(dst), int(_inside(src, size)), size)

    def cuMemcpyDtoD(self, dst: Any, src: Any, size: int) -> None:
        ctypes.memmove(_target(dst, size), int(_inside(src, size)), size)

    def cuMemsetD8(self, dst: Any, value: int, size: int) -> None:
        ctypes.memset(_target(dst, size), value & 0xFF, size)

    def cuMemcpyHtoDAsync(self, dst: Any, src: Any, size: int, stream: Any) -> None:
        self.cuMemcpyHtoD(dst, src, size)

    def cuMemcpyDtoHAsync(self, dst: Any, src: Any, size: int, stream: Any) -> None:
        self.cuMemcpyDtoH(dst, src, size)

    def cuMemcpyDtoDAsync(self, dst: Any, src: Any, size: int, stream: Any) -> None:
        self.cuMemcpyDtoD(dst, src, size)

    def cuMemsetD8Async(self, dst: Any, value: int, size: int, stream: Any) -> None:
        self.cuMemsetD8(dst, value, size)


def _target(address: Any, size: int) -> int:
    """The address, whose `size` bytes are defined from now on."""
    pointer = _inside(address, size)
    pointer.allocation.wrote(pointer.bytes()[:size])
    return int(pointer)


def _inside(address: Any, size: int) -> DevicePointer:
    """The device memory at an address; raises `RuntimeError` unless there are `size` bytes."""
    pointer = MEMORY.find(int(address))
    if pointer is None or pointer.size < size:
        raise RuntimeError(f"{size} bytes at address {int(address):#x} are not in the memory of the simulated device")
    return pointer
