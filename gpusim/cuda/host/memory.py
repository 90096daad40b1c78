"""The memory of the simulated device: allocations, and pointers into them."""

from __future__ import annotations

import ctypes
import weakref
from typing import Any

import numpy as np

from gpusim.memory.buffer import poisoned

# What cudaMalloc guarantees (CUDA C++ Programming Guide, "Device Memory Accesses").
ALIGNMENT = 256
TOTAL_BYTES = 16 * 2**30


class Allocation:
    """One block of device memory: `storage` is a uint8 vector that stays where it is.

    `written` says which bytes have been written since it was allocated (bool, one per byte); None when
    all of it is defined.
    """

    __slots__ = ("__weakref__", "storage", "written")

    def __init__(self, storage: np.ndarray, undefined: bool) -> None:
        self.storage = storage
        self.written = np.zeros(storage.shape[0], np.bool_) if undefined else None

    def wrote(self, array: np.ndarray) -> None:
        """The host has set the elements of `array`, which shares this memory."""
        if self.written is None:
            return
        if array.nbytes == self.storage.nbytes:
            self.written = None
            return
        start = array.__array_interface__["data"][0] - self.address
        np.ndarray(array.shape, f"V{array.itemsize}", self.written, start, array.strides)[...] = np.void(
            b"\1" * array.itemsize
        )

    @property
    def address(self) -> int:
        return self.storage.ctypes.data

    @staticmethod
    def of(array: np.ndarray) -> Allocation:
        """The memory of a contiguous host array, seen from the device (pinned, mapped, managed)."""
        flat = array if array.flags.c_contiguous else array.T
        return Allocation(flat.reshape(-1).view(np.uint8), undefined=False)


class DevicePointer:
    """An address in device memory, and the number of bytes behind it that belong to it."""

    __cuda_memory__ = True

    def __init__(self, allocation: Allocation, offset: int = 0, size: int | None = None) -> None:
        self.allocation = allocation
        self.offset = offset
        self.size = allocation.storage.size - offset if size is None else size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DevicePointer) and int(self) == int(other) and self.size == other.size

    def __hash__(self) -> int:
        return hash((int(self), self.size))

    @property
    def device_pointer_value(self) -> int:
        return self.allocation.address + self.offset

    device_pointer = device_pointer_value

    @property
    def device_ctypes_pointer(self) -> ctypes.c_void_p:
        return ctypes.c_void_p(self.device_pointer_value)

    def __int__(self) -> int:
        return self.device_pointer_value

    def view(self, start: int, stop: int | None = None) -> DevicePointer:
        """The bytes from `start` to `stop` (to the end by default)."""
        stop = self.size if stop is None else stop
        if not 0 <= start <= stop <= self.size:
            raise RuntimeError(f"bytes {start}:{stop} are outside of this {self.size} byte piece of device memory")
        return DevicePointer(self.allocation, self.offset + start, stop - start)

    def memset(self, byte: int, count: int | None = None, stream: Any = 0) -> None:
        """Set `count` bytes (all by default)."""
        count = self.size if count is None else count
        if count:
            self.bytes()[:count] = byte & 0xFF
            if self.allocation.written is not None:
                self.allocation.written[self.offset : self.offset + count] = True

    def bytes(self) -> np.ndarray:
        """The memory as a uint8 vector that shares it."""
        return self.allocation.storage[self.offset : self.offset + self.size]

    def array(self, shape: tuple[int, ...], strides: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        """An array that starts at this address and shares the memory."""
        return np.ndarray(shape, dtype, buffer=self.allocation.storage, offset=self.offset, strides=strides)


class DeviceMemory:
    """What is allocated on the one simulated device."""

    def __init__(self) -> None:
        self._live: weakref.WeakSet[Allocation] = weakref.WeakSet()

    def allocate(self, size: int, dtype: np.dtype) -> Allocation:
        """`size` undefined bytes, filled with the poison for elements of `dtype`."""
        raw = np.empty(size + ALIGNMENT, np.uint8)
        start = -raw.ctypes.data % ALIGNMENT
        storage = raw[start : start + size]
        if size:
            storage[...] = poisoned(1, dtype)[0]
        return self.register(Allocation(storage, undefined=True))

    def register(self, allocation: Allocation) -> Allocation:
        """Let `find` know memory that was not allocated here."""
        self._live.add(allocation)
        return allocation

    def find(self, address: int) -> DevicePointer | None:
        """The pointer for an address inside a live allocation; None for any other address."""
        for allocation in self._live:
            offset = address - allocation.address
            if 0 <= offset < max(allocation.storage.size, 1):
                return DevicePointer(allocation, offset)
        return None

    @property
    def used(self) -> int:
        """Bytes in use."""
        return sum(allocation.storage.size for allocation in self._live)

    @property
    def info(self) -> tuple[int, int]:
        """(free, total) bytes of a device with 16 GiB."""
        return max(TOTAL_BYTES - self.used, 0), TOTAL_BYTES


# Process-wide, as the memory of a GPU is.
MEMORY = DeviceMemory()
