"""The memory of the simulated device: allocations, and host memory that it reaches."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.findings import Finding
from gpusim.memory.buffer import poisoned

# What cudaMalloc guarantees (CUDA C++ Programming Guide, "Device Memory Accesses").
ALIGNMENT = 256
MOST_BYTES = 16 * 2**30


class Allocation:
    """One block of memory that the device reaches; it stays where it is, at `address`.

    `written` says which bytes have been written since it was allocated (bool, one per byte); None when
    all of it is defined. Undefined bytes look like `poison`, which is put there when they are first
    looked at, because most arrays are filled by a copy before. `name` is what the last kernel that got it calls it.
    """

    __slots__ = ("_bytes", "_poison", "address", "freed", "name", "on_device", "size", "written")

    def __init__(self, memory: np.ndarray, on_device: bool, undefined: bool) -> None:
        self._bytes = memory
        self._poison = _poison_byte(np.dtype(np.uint8)) if undefined else None
        self.address = int(memory.ctypes.data)
        self.size = int(memory.size)
        self.written = np.zeros(self.size, np.bool_) if undefined else None
        self.on_device = on_device
        self.freed = False
        self.name = ""

    @property
    def storage(self) -> np.ndarray:
        """The memory as a uint8 vector."""
        if self._poison is not None:
            self._bytes[...] = self._poison
            self._poison = None
        return self._bytes

    def will_hold(self, dtype: np.dtype) -> None:
        """Undefined bytes are to look like undefined elements of `dtype`."""
        if self._poison is not None:
            self._poison = _poison_byte(dtype)

    def define(self, offset: int, size: int) -> None:
        """The host sets the next bytes: `size` of them from `offset` on."""
        if size == self.size:
            self._poison = self.written = None
        elif size and self.written is not None:
            _ = self.storage  # poisons the bytes around
            self.written[offset : offset + size] = True

    def wrote(self, array: np.ndarray) -> None:
        """The host has set the elements of `array`, which shares this memory."""
        if self.written is None:
            return
        if array.nbytes == self.size:
            self.written = None
            return
        offset = array.__array_interface__["data"][0] - self.address
        touched = np.ndarray(array.shape, f"V{array.itemsize}", self.written, offset, array.strides)
        touched[...] = np.void(b"\1" * array.itemsize)

    def copy(self, offset: int, source: Allocation, start: int, size: int) -> None:
        """`size` bytes of another allocation, from `start` on, come to `offset`, as defined as they are there."""
        self.storage[offset : offset + size] = source.storage[start : start + size]
        if source.written is None or source.written[start : start + size].all():
            self.define(offset, size)
            return
        if self.written is None:
            self.written = np.ones(self.size, np.bool_)
        self.written[offset : offset + size] = source.written[start : start + size]

    def undefined(self, array: np.ndarray) -> tuple[int, int]:
        """How many elements of `array`, which shares this memory, nothing has written, and the first (C order)."""
        if self.written is None or not array.size:
            return 0, 0
        offset = array.__array_interface__["data"][0] - self.address
        marks = np.ndarray(array.shape, f"V{array.itemsize}", self.written, offset, array.strides)
        missing = np.ascontiguousarray(marks).reshape(-1) != np.void(b"\1" * array.itemsize)
        return int(missing.sum()), int(np.argmax(missing))

    def array(self, address: int, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An array whose first element is at `address`; it shares the memory."""
        return np.ndarray(shape, dtype, self.storage, address - self.address, strides)


class DeviceMemory:
    """What the one simulated device has in use, and the host memory that it reaches."""

    def __init__(self) -> None:
        self._live: dict[int, Allocation] = {}
        self.report: Callable[[Finding], object] | None = None  # of copies of what nothing has written
        physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else MOST_BYTES
        self.total = min(physical, MOST_BYTES)

    def allocate(self, size: int, on_device: bool = True, undefined: bool = True) -> Allocation:
        """`size` bytes; raises `MemoryError` when the device has not got them."""
        if on_device and size > self.free:
            raise MemoryError(f"{size:,} bytes are more than the {self.free:,} that are free on the simulated device")
        raw = np.empty(size + ALIGNMENT, np.uint8)
        start = -int(raw.ctypes.data) % ALIGNMENT
        return self._keep(Allocation(raw[start : start + size], on_device, undefined))

    def register(self, address: int, size: int) -> Allocation:
        """Let the device reach memory of the host, which has to stay where it is until `release`."""
        memory = np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))
        return self._keep(Allocation(memory, on_device=False, undefined=False))

    def release(self, address: int) -> bool:
        """Free an allocation, or let registered memory go; False when nothing starts at `address`."""
        allocation = self._live.pop(address, None)
        if allocation is None:
            return False
        allocation.freed = True
        return True

    def clear(self) -> None:
        """The device is reset."""
        for address in list(self._live):
            self.release(address)

    def find(self, address: int) -> Allocation | None:
        """The live allocation that an address is in; None for any other address."""
        exact = self._live.get(address)
        if exact is not None:
            return exact
        for allocation in list(self._live.values()):
            if allocation.address <= address < allocation.address + allocation.size:
                return allocation
        return None

    def span(self, address: Any, size: int) -> Allocation | None:
        """The allocation with `size` bytes from `address` on; None when there is none."""
        allocation = self.find(int(address))
        if allocation is None or int(address) + size > allocation.address + allocation.size:
            return None
        return allocation

    @property
    def free(self) -> int:
        """Bytes that are not in use."""
        return self.total - sum(allocation.size for allocation in list(self._live.values()) if allocation.on_device)

    def _keep(self, allocation: Allocation) -> Allocation:
        self._live[allocation.address] = allocation
        return allocation


def _poison_byte(dtype: np.dtype) -> int:
    return int(poisoned(1, dtype)[0])


# Process-wide, as the memory of a GPU is.
MEMORY = DeviceMemory()
