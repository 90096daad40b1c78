"""Attributes and items of values: shapes, records, views, components, tuples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import KernelError, thrown
from gpusim.machine.chunk import Index3
from gpusim.memory.pattern import Pattern
from gpusim.memory.view import Extent, View, c_strides
from gpusim.numeric import literal
from gpusim.places import Site
from gpusim.simt.enumerations import plain
from gpusim.simt.semantics.memory import fetch
from gpusim.simt.values import is_number, kind_of

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def attribute(t: Lanes, value: Any, name: str, site: Site) -> Any:
    """`value.name` inside a kernel."""
    if type(value) is Index3 and name in ("x", "y", "z"):
        return getattr(value, name)
    if type(value) is View:
        return _of_view(t, value, name, site)
    if name == "value" and hasattr(value, "enumeration"):
        return plain(value)
    if is_number(value) and name in ("real", "imag"):
        return getattr(value, name)
    if isinstance(value, slice) and name in ("start", "stop", "step"):
        return whole(value)[("start", "stop", "step").index(name)]
    if isinstance(value, np.dtype) and name == "kind":
        return value.kind
    if type(value) is Address and name == "data":
        return value.data
    if isinstance(value, tuple) and name in getattr(value, "_fields", ()):
        return getattr(value, name)
    raise KernelError(f"{kind_of(value)} has no attribute '{name}' inside a kernel", site)


def _of_view(t: Lanes, view: View, name: str, site: Site) -> Any:
    if view.dtype.fields is not None and name in view.dtype.fields:
        field = view.field(name)
        if field.shape or field.dtype.fields is not None:
            return field
        return fetch(t, field, *Pattern.of(field.offset), t.mask, site)
    if name == "shape":
        return tuple(_number(extent) for extent in view.shape)
    if name == "strides":
        return tuple(np.int64(stride) for stride in view.strides)
    if name == "size":
        return _number(view.size)
    if name == "ndim":
        return np.int64(view.ndim)
    if name == "itemsize":
        return np.int64(view.dtype.itemsize)
    if name == "nbytes":
        return _number(view.size * view.dtype.itemsize)
    if name == "T":
        return view.derive(view.shape[::-1], view.strides[::-1], view.offset)
    if name == "dtype":
        return view.dtype
    if name == "flat" and view.strides == c_strides(view.shape, view.dtype.itemsize):  # type: ignore[arg-type]
        return view.derive((view.size,), (view.dtype.itemsize,), view.offset)
    if name in ("real", "imag") and view.dtype.kind == "c":
        part = np.dtype(f"f{view.dtype.itemsize // 2}")
        return view.derive(view.shape, view.strides, view.offset + (part.itemsize if name == "imag" else 0), part)
    if name == "real":
        return view
    if name == "ctypes":
        return Address(_address(t, view))
    raise KernelError(f"array '{view.buffer.array.name}' has no attribute '{name}' inside a kernel", site)


_FIRST, _ONE, _LAST = np.int64(0), np.int64(1), np.int64(np.iinfo(np.int64).max)


class Address:
    """`array.ctypes`: where an array is, as `data` (uint64)."""

    __slots__ = ("data",)

    def __init__(self, data: Any) -> None:
        self.data = data


def _address(t: Lanes, view: View) -> Any:
    """Global memory has the addresses of the host; the others start anew for every block or thread."""
    buffer = view.buffer
    if buffer.space in ("global", "constant"):
        start: Any = buffer.storage.ctypes.data + np.int64(0)
        return (start + view.offset).astype(np.uint64)
    return np.asarray(view.offset % max(buffer.instance_bytes, 1) + 1024).astype(np.uint64)[()]


def _number(extent: Extent) -> Any:
    return extent if isinstance(extent, np.ndarray) else np.int64(extent)


def whole(value: slice) -> tuple[Any, Any, Any]:
    """Start, stop and step of a slice, with what Numba has where Python has None."""
    step = np.int64(1) if value.step is None else value.step
    first, last = (_FIRST, _LAST) if step > 0 else (_LAST, -_LAST - _ONE)
    return first if value.start is None else value.start, last if value.stop is None else value.stop, step


def length(value: Any) -> Any:
    """`len(value)`"""
    if isinstance(value, View) and value.ndim:
        return _number(value.shape[0])
    if isinstance(value, (tuple, str)):
        return np.int64(len(value))
    raise KernelError(f"{kind_of(value)} has no len() inside a kernel")


def item(t: Lanes, value: Any, index: Any, site: Site) -> Any:
    """`value[index]` of a tuple or of a constant."""
    if isinstance(value, (tuple, list)) and not isinstance(index, tuple):
        if isinstance(index, slice):
            parts = (index.start, index.stop, index.step)
            return tuple(value[slice(*(None if part is None else int(part) for part in parts))])
        if isinstance(index, np.ndarray):
            return _varying_item(t, value, index, site)
        try:
            chosen = value[int(index)]
        except IndexError:
            raise _no_item(t, index, len(value), t.mask.first(), site) from None
        return literal(chosen) if isinstance(chosen, (bool, int, float, complex)) else chosen
    raise KernelError(f"`{site.text}` indexes {kind_of(value)}, which has no items", site)


def _varying_item(t: Lanes, value: tuple[Any, ...] | list[Any], index: np.ndarray, site: Site) -> Any:
    """Items of a homogeneous tuple, a different one in each lane."""
    if not all(is_number(part) for part in value):
        raise KernelError(f"`{site.text}` needs the same index in all threads", site)
    count, lanes = len(value), index.shape[0]
    outside = ((index < -count) | (index >= count)) & t.mask.bits
    if outside.any():
        lane = int(np.argmax(outside))
        raise _no_item(t, index[lane], count, lane, site)
    table = np.stack([np.broadcast_to(part, lanes) for part in value])
    return table[np.clip(np.where(index < 0, index + count, index), 0, count - 1), np.arange(lanes)]


def _no_item(t: Lanes, index: Any, count: int, lane: int, site: Site) -> KernelError:
    place = t.chunk.place(site, lane)
    return thrown(
        IndexError,
        f"tuple index out of range: `{site.text}` asks for item {int(index)} of a tuple of "
        f"{count} in thread {place.thread} of block {place.block}",
        place,
    )
