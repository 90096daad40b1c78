"""Arrays in the memory of the simulated device: Numba's own, which the engine can look into.

What Numba does to them with small kernels of its own (assignment, transposing) is done at once.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numba.cuda.cudadrv import devicearray, devices

from gpusim.errors import KernelError
from gpusim.findings import Finding
from gpusim.host.caller import caller
from gpusim.host.memory import MEMORY, Allocation
from gpusim.memory.buffer import Array
from gpusim.places import Place


class OnDevice:
    """What the engine reads of a device array.

    `_gpusim_array` are the elements, a NumPy array that shares the memory, `_gpusim_owner` the bytes of the
    whole allocation, and `_gpusim_written` says which bytes of it something has written (None when all are
    defined).
    """

    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype
    size: int
    gpu_data: Any

    @cached_property
    def _memory(self) -> Allocation | None:
        return MEMORY.find(self.gpu_data.device_pointer_value or 0)

    @property
    def _allocation(self) -> Allocation:
        """The memory; raises `KernelError` when the device has not got it, or not any more."""
        memory = self._memory
        what = f"the device array of shape {self.shape} and dtype {self.dtype}"
        if memory is None:
            address = self.gpu_data.device_pointer_value or 0
            raise KernelError(
                f"{what} is at address {address:#x}, which is not in the memory of the simulated device: copy the "
                "data to the host with the library that owns it, and cuda.to_device() from there"
            )
        if memory.freed:
            raise KernelError(f"{what} is used after its memory was freed, by a reset of the context for instance")
        return memory

    @property
    def _gpusim_array(self) -> np.ndarray:
        if not self.size:
            return np.empty(self.shape, self.dtype)
        return self._allocation.array(self.gpu_data.device_pointer_value, self.shape, self.strides, self.dtype)

    @property
    def _gpusim_owner(self) -> np.ndarray:
        return self._allocation.storage if self.size else np.empty(0, self.dtype)

    @property
    def _gpusim_written(self) -> np.ndarray | None:
        return self._allocation.written if self.size else None


class DeviceArray(devicearray.DeviceNDArray, OnDevice):
    """An array on the simulated device."""

    def __init__(self, shape: Any, strides: Any, dtype: Any, stream: Any = 0, gpu_data: Any = None) -> None:
        super().__init__(_whole(shape), strides, _numeric(dtype), stream, gpu_data)
        if gpu_data is None and self._memory is not None:
            self._memory.will_hold(self.dtype)

    def copy_to_host(self, ary: Any = None, stream: Any = 0) -> Any:
        self.tell_undefined("copy_to_host()")
        return super().copy_to_host(ary, stream)

    def tell_undefined(self, what: str) -> None:
        """Warn of elements that `what` copies and nothing has written: a launch covers half of the array, say."""
        report, memory = MEMORY.report, self._memory
        if report is None or memory is None or memory.freed or not self.size:
            return
        count, first = memory.undefined(self._gpusim_array)
        if not count:
            return
        index = ", ".join(str(int(part)) for part in np.unravel_index(first, self.shape))
        name = f"'{memory.name}'" if memory.name else f"of shape {self.shape}"
        message = (
            f"{what} copies {count:,} of the {self.size:,} elements of device array {name} that nothing has "
            f"written, the first at [{index}]; launch enough threads to write them all, or fill the array first"
        )
        named = Array(memory.name, "global", self.dtype, self.shape)
        report(Finding.at(Place(caller()), "initcheck", "uninitialised-copy", "warning", message, named, None, count))

    def __repr__(self) -> str:
        return f"<DeviceArray shape={self.shape} dtype={self.dtype} on the simulated device>"

    def _do_getitem(self, item: Any, stream: Any = 0) -> Any:
        self._check(item)
        return super()._do_getitem(item, stream)

    def _do_setitem(self, key: Any, value: Any, stream: Any = 0) -> None:
        self._check(key)
        super()._do_setitem(key, value, stream)

    def _check(self, item: Any) -> None:
        """Raises `IndexError` or `TypeError` for what is no index of a device array."""
        items = item if isinstance(item, tuple) else (item,)
        if len(items) > self.ndim:
            raise IndexError(f"{len(items)} indices for an array with {self.ndim} dimensions")
        for index in items:
            if isinstance(index, bool | np.bool_) or not isinstance(index, int | np.integer | slice):
                raise TypeError(
                    "on the host, a device array takes integers and slices as indices, "
                    f"not {type(index).__name__}: copy_to_host() first"
                )

    def reshape(self, *newshape: Any, **kws: Any) -> Any:
        sizes = newshape[0] if len(newshape) == 1 and isinstance(newshape[0], tuple | list) else newshape
        if -1 not in sizes and math.prod(sizes) != self.size:
            raise ValueError("reshape changes the size of the array")
        return super().reshape(*newshape, **kws)

    @devices.require_context
    def transpose(self, axes: Any = None) -> Any:
        """The transpose of a matrix, as a new C-ordered array."""
        if self.ndim != 2 or (axes is not None and tuple(axes) != (1, 0)):
            return super().transpose(axes)
        turned = np.ascontiguousarray(self._gpusim_array.T)
        copy = DeviceArray(turned.shape, turned.strides, turned.dtype, self.stream)
        assign(copy, turned)
        return copy


class DeviceRecord(devicearray.DeviceRecord, OnDevice):
    """One record on the device: fields are read and assigned by name."""

    def __init__(self, dtype: np.dtype, stream: Any = 0, gpu_data: Any = None) -> None:
        # Not the method of the base class, which in Numba's own `numba.cuda` finds its class by the name that is ours.
        devicearray.DeviceNDArrayBase.__init__(self, (), (), dtype, stream, gpu_data)


def assign(target: Any, values: np.ndarray) -> None:
    """Set the elements of a device array, as a kernel would."""
    elements = target._gpusim_array
    elements[...] = values
    target._allocation.wrote(elements)


class _Assignment:
    """In place of the kernel that assigns one device array to another, which it is broadcast to."""

    def forall(self, ntasks: int, stream: Any = 0) -> Callable[[Any, Any], None]:
        return lambda left, right: assign(left, right._gpusim_array) if ntasks else None


def assignment(ndim: int) -> _Assignment:
    """In place of `_assign_kernel` of Numba's device arrays."""
    return _Assignment()


def _whole(shape: Any) -> Any:
    """The shape, in whole numbers."""
    try:
        return tuple(map(operator.index, shape)) if isinstance(shape, Iterable) else shape
    except TypeError:
        raise TypeError(f"shape elements must be integers, not {shape!r}") from None


def _numeric(dtype: Any) -> np.dtype:
    dtype = np.dtype(dtype)
    if dtype.hasobject:
        raise TypeError(f"Python objects (dtype {dtype}) cannot be moved to a GPU; use a numeric dtype")
    return dtype


def is_device(obj: Any) -> bool:
    return bool(getattr(obj, "__cuda_memory__", False))
