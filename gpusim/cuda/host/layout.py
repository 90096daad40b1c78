"""How the elements of an array lie in memory, and which arrays one plain copy can connect."""

from __future__ import annotations

import numpy as np
from numba.cuda.cudadrv.devicearray import errmsg_contiguous_buffer

Shape = int | tuple[int, ...] | list[int]


def extent(shape: tuple[int, ...], strides: tuple[int, ...], itemsize: int) -> int:
    """Bytes between the first byte and the last one of an array (non-negative strides)."""
    if 0 in shape:
        return 0
    return itemsize + sum((length - 1) * abs(stride) for length, stride in zip(shape, strides, strict=True))


def core(array: np.ndarray) -> np.ndarray:
    """The array without its broadcast dimensions (stride 0), which repeat the same memory."""
    if not array.size:
        return array
    return array[(*(0 if stride == 0 else slice(None) for stride in array.strides), ...)]


def check_contiguous(array: np.ndarray) -> None:
    """Raises `ValueError` when the array is not one piece of memory."""
    flags = core(array).flags
    if not (flags.c_contiguous or flags.f_contiguous):
        raise ValueError(errmsg_contiguous_buffer)


def check_compatible(one: np.ndarray, other: np.ndarray) -> None:
    """Raises `TypeError` or `ValueError` unless a plain copy of the memory copies the elements."""
    if one.dtype != other.dtype:
        raise TypeError(f"incompatible dtype: {one.dtype} vs. {other.dtype}")
    squeezed, others = one.squeeze(), other.squeeze()
    if squeezed.shape != others.shape:
        raise ValueError(f"incompatible shape: {one.shape} vs. {other.shape}")
    if one.size and squeezed.strides != others.strides:
        raise ValueError(f"incompatible strides: {one.strides} vs. {other.strides}")


def integers(value: Shape, name: str) -> tuple[int, ...]:
    """A shape or strides as a tuple; raises `TypeError` when an element is not an integer."""
    numbers = (value,) if isinstance(value, int | np.integer) else tuple(value)
    for number in numbers:
        if not isinstance(number, int | np.integer):
            raise TypeError(f"{name} elements must be integers, got {type(number).__name__}")
    return tuple(int(number) for number in numbers)


def assign_record(record: np.void, values: np.ndarray) -> None:
    """Fill a record of the host, which is not an array, field by field."""
    for name in values.dtype.names or ():
        record[name] = values[name]
