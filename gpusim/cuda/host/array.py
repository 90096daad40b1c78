"""Arrays in the memory of the simulated device, with the interface of Numba's `DeviceNDArray`.

They live in host memory, so every operation is immediate; what a GPU cannot do without a copy or a
kernel (advanced indexing, reshaping with gaps) is refused here as well.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numba.cuda import types
from numba.cuda.np import numpy_support

from gpusim.cuda.host.layout import Shape, assign_record, check_compatible, check_contiguous, core, extent, integers
from gpusim.cuda.host.memory import MEMORY, Allocation, DevicePointer


class DeviceArray:
    """An array on the simulated device.

    `stream` is kept for the interface only. The engine reads `_gpusim_array` (the elements, a NumPy
    array that shares the memory), `_gpusim_owner` (the bytes of the whole allocation) and
    `_gpusim_written` (which bytes of it something has written; None when all are defined).
    """

    __cuda_memory__ = True
    __cuda_ndarray__ = True

    def __init__(
        self, shape: Shape, strides: Shape, dtype: Any, stream: Any = 0, gpu_data: DevicePointer | None = None
    ) -> None:
        shape, strides, dtype = integers(shape, "shape"), integers(strides, "strides"), np.dtype(dtype)
        if len(shape) != len(strides):
            raise ValueError(f"strides {strides} do not match the {len(shape)} dimensions of shape {shape}")
        if dtype.hasobject:
            raise TypeError(f"Python objects (dtype {dtype}) cannot be moved to a GPU; use a numeric dtype")
        if gpu_data is None:
            gpu_data = DevicePointer(MEMORY.allocate(extent(shape, strides, dtype.itemsize), dtype))
        self._adopt(gpu_data.array(shape, strides, dtype), gpu_data.allocation, stream)

    def _adopt(self, array: np.ndarray, allocation: Allocation, stream: Any) -> None:
        self._gpusim_array = array
        self._allocation = allocation
        self.stream = stream

    def _derive(self, array: np.ndarray, stream: Any = 0, kind: type[DeviceArray] | None = None) -> DeviceArray:
        """`array`, which shares this array's memory, as a device array."""
        derived = object.__new__(kind or DeviceArray)
        derived._adopt(array, self._allocation, stream or self.stream)
        return derived

    @staticmethod
    def over(array: np.ndarray, stream: Any = 0) -> DeviceArray:
        """A contiguous host array as the device sees it: the same memory."""
        device = object.__new__(DeviceArray)
        device._adopt(array, MEMORY.register(Allocation.of(array)), stream)
        return device

    @property
    def _gpusim_owner(self) -> np.ndarray:
        return self._allocation.storage

    @property
    def _gpusim_written(self) -> np.ndarray | None:
        return self._allocation.written

    # What it is

    @property
    def shape(self) -> tuple[int, ...]:
        return self._gpusim_array.shape

    @property
    def strides(self) -> tuple[int, ...]:
        return self._gpusim_array.strides

    @property
    def dtype(self) -> np.dtype:
        return self._gpusim_array.dtype

    @property
    def ndim(self) -> int:
        return self._gpusim_array.ndim

    @property
    def size(self) -> int:
        return self._gpusim_array.size

    @property
    def nbytes(self) -> int:
        return self._gpusim_array.nbytes

    @property
    def alloc_size(self) -> int:
        """Bytes from the first to the last element, gaps included."""
        return extent(self.shape, self.strides, self.dtype.itemsize)

    @property
    def flags(self) -> dict[str, bool]:
        flags = self._gpusim_array.flags
        return {"C_CONTIGUOUS": flags.c_contiguous, "F_CONTIGUOUS": flags.f_contiguous}

    def is_c_contiguous(self) -> bool:
        return self._gpusim_array.flags.c_contiguous

    def is_f_contiguous(self) -> bool:
        return self._gpusim_array.flags.f_contiguous

    @property
    def gpu_data(self) -> DevicePointer:
        address = self._gpusim_array.ctypes.data if self.size else self._allocation.address
        return DevicePointer(self._allocation, address - self._allocation.address)

    @property
    def device_ctypes_pointer(self) -> Any:
        return self.gpu_data.device_ctypes_pointer

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.shape,
            "strides": None if self.is_c_contiguous() else self.strides,
            "data": (self.gpu_data.device_pointer_value if self.size else 0, False),
            "typestr": self.dtype.str,
            "stream": int(self.stream) or None,
            "version": 3,
        }

    @functools.cached_property
    def _numba_type_(self) -> types.Type:
        """The Numba type of this array as a kernel argument; broadcast dimensions have no layout.

        Kept, because Numba's dispatcher identifies a type by a number that lives as long as the type.
        """
        broadcast = self.size and 0 in self.strides
        layout = "A" if broadcast else "C" if self.is_c_contiguous() else "F" if self.is_f_contiguous() else "A"
        return types.Array(numpy_support.from_dtype(self.dtype), self.ndim, layout)

    def __len__(self) -> int:
        return self.shape[0]

    def __repr__(self) -> str:
        return f"<DeviceArray shape={self.shape} dtype={self.dtype} on the simulated device>"

    # Copies between host and device

    def copy_to_host(self, ary: Any = None, stream: Any = 0) -> Any:
        """Copy to `ary` (same dtype, shape and strides) or to a new array; returns the host array.

        Raises `TypeError` or `ValueError` when `ary` does not match, and `NotImplementedError` for
        negative strides, as Numba does.
        """
        if any(stride < 0 for stride in self.strides):
            raise NotImplementedError(f"D->H copy not implemented for negative strides: {self.strides}")
        if ary is None:
            memory = np.empty(self.alloc_size, np.uint8)
            ary = np.ndarray(self.shape, self.dtype, buffer=memory, strides=self.strides)
            np.copyto(core(ary), core(self._gpusim_array))
        elif isinstance(ary, np.void):
            assign_record(ary, self._gpusim_array)
        else:
            check_compatible(self._gpusim_array, ary)
            np.copyto(ary, self._gpusim_array.reshape(ary.shape))
        return ary

    def copy_to_device(self, ary: Any, stream: Any = 0) -> None:
        """Copy `ary`, from the host or the device, to this array (same dtype, shape and strides)."""
        source = host_view(ary)
        if source.size == 0:
            return
        check_contiguous(self._gpusim_array)
        target = core(self._gpusim_array)
        source = core(source)
        if is_device(ary):
            check_contiguous(source)
        else:
            source = np.asarray(source, order="C" if target.flags.c_contiguous else "F")
        check_compatible(target, source)
        np.copyto(target, source.reshape(target.shape))
        self._allocation.wrote(self._gpusim_array)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        if copy is False:
            raise ValueError("`copy=False` is not supported: an array on the device is always copied to the host")
        host = self.copy_to_host()
        return host if dtype is None else host.astype(dtype)

    # Elements and views

    def __getitem__(self, item: Any) -> Any:
        return self.getitem(item)

    def getitem(self, item: Any, stream: Any = 0) -> Any:
        """An element as a host scalar (a record as a `DeviceRecord`), anything larger as a view."""
        item = self._basic(item)
        found = self._gpusim_array[(*item, ...)]
        if found.ndim:
            return self._derive(found, stream)
        return self._derive(found, stream, DeviceRecord) if self.dtype.names else found[()]

    def __setitem__(self, item: Any, value: Any) -> None:
        self.setitem(item, value)

    def setitem(self, item: Any, value: Any, stream: Any = 0) -> None:
        """Assign host or device values, broadcast along dimensions of length 1 only."""
        target = self._gpusim_array[(*self._basic(item), ...)]
        source = host_view(value)
        if source.ndim > target.ndim:
            raise ValueError(f"Can't assign {source.ndim}-D array to {target.ndim}-D self")
        # Value semantics even where source and target overlap, as NumPy guarantees.
        target[...] = source
        self._allocation.wrote(target)

    def _basic(self, item: Any) -> tuple[Any, ...]:
        item = item if isinstance(item, tuple) else (item,)
        if len(item) > self.ndim:
            raise IndexError(f"{len(item)} indices for an array with {self.ndim} dimensions")
        for index in item:
            if isinstance(index, bool | np.bool_) or not isinstance(index, int | np.integer | slice):
                raise TypeError(
                    "on the host, a device array takes integers and slices as indices, "
                    f"not {type(index).__name__}: copy_to_host() first"
                )
        return item

    def bind(self, stream: Any = 0) -> DeviceArray:
        """The same array with another default stream."""
        bound = self._derive(self._gpusim_array, kind=type(self))
        bound.stream = stream
        return bound

    def view(self, dtype: Any) -> DeviceArray:
        """The same bytes as another dtype; with another item size, C-contiguous arrays only."""
        dtype = np.dtype(dtype)
        if dtype.itemsize != self.dtype.itemsize and not self.is_c_contiguous():
            raise ValueError("To change to a dtype of a different size, the array must be C-contiguous")
        return self._derive(self._gpusim_array.view(dtype))

    def reshape(self, *newshape: Any, order: str = "C") -> DeviceArray:
        """The same elements in another shape, without a copy.

        Raises `NotImplementedError` when the strides do not allow it.
        """
        if len(newshape) == 1 and isinstance(newshape[0], tuple | list):
            newshape = tuple(newshape[0])
        if math.prod(newshape) not in (self.size, -self.size) and -1 not in newshape:
            raise ValueError("reshape changes the size of the array")
        try:
            return self._derive(np.reshape(self._gpusim_array, newshape, order=order, copy=False))  # type: ignore[call-overload]
        except ValueError as error:
            if "copy" in str(error):
                raise NotImplementedError("reshape would require copy") from None
            raise

    def ravel(self, order: str = "C", stream: Any = 0) -> DeviceArray:
        """One dimension, without a copy; raises `NotImplementedError` for a non-contiguous array."""
        if order not in "CFA":
            raise ValueError("order not C|F|A")
        if order in "CA" and self.is_c_contiguous():
            return self._derive(self._gpusim_array.reshape(-1), stream)
        if order in "FA" and self.is_f_contiguous():
            return self._derive(self._gpusim_array.T.reshape(-1), stream)
        raise NotImplementedError("ravel on non-contiguous array")

    def squeeze(self, axis: int | tuple[int, ...] | None = None, stream: Any = 0) -> DeviceArray:
        """A view without the dimensions of length one."""
        return self._derive(self._gpusim_array.squeeze(axis), stream)

    def split(self, section: int, stream: Any = 0) -> Iterator[DeviceArray]:
        """Views of `section` elements each (the last may be shorter); 1D contiguous arrays only."""
        if self.ndim != 1:
            raise ValueError("only support 1d array")
        if self.strides[0] != self.dtype.itemsize:
            raise ValueError("only support unit stride")
        for begin in range(0, self.size, section):
            yield self._derive(self._gpusim_array[begin : begin + section], stream)

    @property
    def T(self) -> DeviceArray:
        return self.transpose()

    def transpose(self, axes: tuple[int, ...] | None = None) -> DeviceArray:
        """The transpose of a matrix, as a new C-ordered array: Numba runs a kernel for it too."""
        if axes is not None and tuple(axes) == tuple(range(self.ndim)):
            return self
        if self.ndim != 2:
            raise NotImplementedError("transposing a non-2D DeviceNDArray isn't supported")
        if axes is not None and set(axes) != {0, 1}:
            raise ValueError(f"invalid axes list {axes!r}")
        copy = device_array_like(self._gpusim_array.T.copy(), self.stream)
        copy.copy_to_device(np.ascontiguousarray(self._gpusim_array.T))
        return copy

    def as_cuda_arg(self) -> DevicePointer:
        return self.gpu_data

    def get_ipc_handle(self) -> Any:
        raise OSError("the simulated device cannot share memory with other processes")


class DeviceRecord(DeviceArray):
    """One record on the device: fields are read and assigned by name."""

    def __init__(self, dtype: Any, stream: Any = 0, gpu_data: DevicePointer | None = None) -> None:
        super().__init__((), (), dtype, stream, gpu_data)

    @functools.cached_property
    def _numba_type_(self) -> types.Type:
        return numpy_support.from_dtype(self.dtype)

    def getitem(self, item: Any, stream: Any = 0) -> Any:
        field = self._gpusim_array[item]
        if field.ndim:
            return self._derive(field, stream)
        return self._derive(field, stream, DeviceRecord) if field.dtype.names else field[()]

    def setitem(self, item: Any, value: Any, stream: Any = 0) -> None:
        self._gpusim_array[item] = host_view(value)
        self._allocation.wrote(self._gpusim_array)


class HostVisibleArray(np.ndarray):
    """A host array in memory that the device reaches as well (mapped or managed)."""

    __cuda_memory__ = True
    __cuda_ndarray__ = True
    stream: Any = 0
    _allocation: Allocation

    @staticmethod
    def over(array: np.ndarray, stream: Any = 0) -> HostVisibleArray:
        """The same memory, which is contiguous, known to the device."""
        visible = array.view(HostVisibleArray)
        visible._allocation = MEMORY.register(Allocation.of(array))
        visible.stream = stream
        return visible

    def __array_finalize__(self, source: Any) -> None:
        if isinstance(source, HostVisibleArray) and hasattr(source, "_allocation"):
            self._allocation = source._allocation

    @property
    def on_device(self) -> DeviceArray:
        """This array as the device sees it."""
        device = object.__new__(DeviceArray)
        device._adopt(self.view(np.ndarray), self._allocation, self.stream)
        return device

    @property
    def device_ctypes_pointer(self) -> Any:
        return self.on_device.device_ctypes_pointer

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return self.on_device.__cuda_array_interface__

    def copy_to_host(self, ary: np.ndarray | None = None, stream: Any = 0) -> np.ndarray:
        return self.on_device.copy_to_host(ary, stream)

    def copy_to_device(self, ary: Any, stream: Any = 0) -> None:
        self.on_device.copy_to_device(ary, stream)


def device_array_like(array: np.ndarray, stream: Any = 0) -> DeviceArray:
    """An undefined array on the device with the shape, strides and dtype of a host array."""
    return DeviceArray(array.shape, array.strides, array.dtype, stream)


def is_device(obj: Any) -> bool:
    return bool(getattr(obj, "__cuda_memory__", False))


def host_view(obj: Any) -> np.ndarray:
    """Host or device values as a NumPy array, without a copy where there is memory already."""
    return obj._gpusim_array if isinstance(obj, DeviceArray) else np.asarray(obj)
