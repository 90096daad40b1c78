"""Views: how a kernel sees memory, as an array of a type and shape inside a buffer."""

from __future__ import annotations

from typing import NoReturn

import numpy as np

from gpusim.errors import KernelError
from gpusim.memory.buffer import SHIFTS, Buffer
from gpusim.memory.reuse import Reuse

Extent = int | np.ndarray


class View:
    """An array inside a buffer.

    `shape` (elements) and `strides` (bytes) hold one entry per dimension; `offset` is in bytes. An
    `offset` or extent is an int when it is the same for all lanes and an int64 vector otherwise (a
    row `a[i]`, a shared array of several blocks). A 0-dimensional view of a structured type is a
    reference to a record. `reuse` knows with which index vectors it has been accessed.
    """

    __slots__ = ("aligned", "buffer", "dtype", "offset", "reuse", "shape", "strides")

    def __init__(
        self,
        buffer: Buffer,
        dtype: np.dtype,
        shape: tuple[Extent, ...],
        strides: tuple[int, ...],
        offset: Extent,
        aligned: bool | None = None,
    ) -> None:
        self.buffer = buffer
        self.dtype = dtype
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.reuse = Reuse()
        self.aligned = _is_aligned(dtype, strides, offset) if aligned is None else aligned

    def _is_no_number(self, *others: object, **options: object) -> NoReturn:
        raise KernelError("an array is used where a number is needed (index it first)")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _is_no_number
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _is_no_number
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __pow__ = __rpow__ = __matmul__ = __rmatmul__ = _is_no_number
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __lshift__ = __rlshift__ = _is_no_number
    __rshift__ = __rrshift__ = __neg__ = __pos__ = __invert__ = __abs__ = __array_ufunc__ = __array__ = _is_no_number

    __hash__ = object.__hash__

    @property
    def ndim(self) -> int:
        return len(self.shape)

    @property
    def size(self) -> Extent:
        size: Extent = 1
        for extent in self.shape:
            size = size * extent
        return size

    def derive(
        self,
        shape: tuple[Extent, ...],
        strides: tuple[int, ...],
        offset: Extent,
        dtype: np.dtype | None = None,
    ) -> View:
        """Another view of the same buffer."""
        return View(self.buffer, dtype or self.dtype, shape, strides, offset)

    def field(self, name: str) -> View:
        """The field of a record (or of every record) as a view."""
        assert self.dtype.fields is not None
        dtype, shift = self.dtype.fields[name][:2]
        shape, strides = self.shape, self.strides
        if dtype.subdtype is not None:
            dtype, extra = dtype.subdtype
            shape = (*shape, *extra)
            strides = (*strides, *c_strides(extra, dtype.itemsize))
        return self.derive(shape, strides, self.offset + shift, dtype)


def _is_aligned(dtype: np.dtype, strides: tuple[int, ...], offset: Extent) -> bool:
    """Can elements be moved as whole words? (Only packed records put them elsewhere.)"""
    size = dtype.itemsize
    if dtype.fields is not None or size not in SHIFTS:
        return False
    if any(stride % size for stride in strides):
        return False
    if isinstance(offset, np.ndarray):
        return not bool((offset % size).any())
    return offset % size == 0


def c_strides(shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Strides in bytes of a C-ordered array."""
    strides = []
    step = itemsize
    for extent in reversed(shape):
        strides.append(step)
        step *= extent
    return tuple(reversed(strides))
