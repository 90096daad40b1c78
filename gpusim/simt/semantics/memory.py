"""The memory path: how `a[i]` in a kernel becomes an address, an event for the observers, and a value.

`t` is the `Lanes` that execute (see gpusim.simt.lanes): its mask, its chunk and its observers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import KernelError, NeedsThreads
from gpusim.events.access import Access
from gpusim.events.faults import Misaligned, ReadOnly
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import SHIFTS
from gpusim.memory.loops import gather_bytes, scatter_bytes
from gpusim.memory.pattern import Pattern
from gpusim.memory.view import View
from gpusim.numeric import cast
from gpusim.numeric.dtypes import kind
from gpusim.places import Site
from gpusim.simt.semantics.faults import fault
from gpusim.simt.semantics.indexing import element, part
from gpusim.simt.values import is_number

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def load(t: Lanes, view: View, index: tuple[Any, ...], site: Site) -> Any:
    """`view[index]`: the elements, or a smaller view when the index leaves dimensions (or a record) open."""
    mask = t.mask
    found = view.reuse.find(index, view.shape, view.strides, mask)
    if found is not None:
        return fetch(t, view, *found, mask, site)
    if len(index) != len(view.shape) or not all(map(is_number, index)):
        offset, shape, strides, left = part(t, view, plain_index(t, index, site), site)
        if shape or view.dtype.fields is not None:
            return view.derive(shape, strides, offset)
        return fetch(t, view, *Pattern.of(offset), left, site)
    pattern, shift, left = element(t, view, index, site)
    if view.dtype.fields is not None:
        return view.derive((), (), pattern.at(shift))
    return fetch(t, view, pattern, shift, left, site)


def store(t: Lanes, view: View, index: tuple[Any, ...], value: Any, site: Site) -> None:
    """`view[index] = value`, for one element per lane, a whole slice, or a record."""
    mask: Mask | None = t.mask
    found = view.reuse.find(index, view.shape, view.strides, t.mask)
    if found is not None:
        pattern, shift = found
    elif len(index) != len(view.shape) or not all(map(is_number, index)):
        offset, shape, strides, mask = part(t, view, plain_index(t, index, site), site)
        if shape:
            store_slice(t, view.derive(shape, strides, offset), value, site)
            return
        pattern, shift = Pattern.of(offset)
    else:
        pattern, shift, mask = element(t, view, index, site)
    if mask is not None:
        put(t, view, pattern, shift, value, mask, site)


def store_slice(t: Lanes, target: View, value: Any, site: Site) -> None:
    """`target[...] = value`, element by element as compiled code does it, `value` broadcast; a tuple item by item."""
    if any(isinstance(extent, np.ndarray) for extent in target.shape):
        raise NeedsThreads(f"the length of the slice in `{site.text}` differs between threads", site)
    shape: tuple[int, ...] = target.shape  # type: ignore[assignment]
    if isinstance(value, View) and tuple(value.shape) != shape[len(shape) - value.ndim :]:
        raise KernelError(f"cannot assign shape {value.shape} to shape {shape} in `{site.text}`", site)
    if isinstance(value, tuple) and (len(value),) != shape:
        raise KernelError(f"cannot assign {len(value)} items to shape {shape} in `{site.text}`", site)
    for position in np.ndindex(*shape):
        index = tuple(np.int64(i) for i in position)
        item = value[position[0]] if isinstance(value, tuple) else value
        if isinstance(value, View):
            item = load(t, value, index[len(index) - value.ndim :], site)
        store(t, target, index, item, site)


def plain_index(t: Lanes, index: tuple[Any, ...], site: Site) -> tuple[Any, ...]:
    """An index in which arrays without dimensions are the numbers in them."""
    return tuple([load(t, item, (), site) if isinstance(item, View) and not item.shape else item for item in index])


def check_alignment(t: Lanes, view: View, pattern: Pattern, shift: int, mask: Mask, site: Site) -> None:
    """Numbers lie at multiples of their size, except in packed records, which compiled code takes apart."""
    size, array = view.dtype.itemsize, view.buffer.array
    if kind(view.dtype) not in "biufc" or size not in SHIFTS or array.dtype.fields is not None:
        return
    wrong = mask.bits & (np.asarray(pattern.at(shift)) % size != 0)
    if wrong.any():
        lane = int(np.argmax(wrong))
        offset = pattern.vector.item(0 if pattern.uniform else lane) + shift
        byte = offset % max(view.buffer.instance_bytes, 1)
        fault(t, Misaligned(t.chunk.place(site, lane), array, int(wrong.sum()), view.dtype, byte))


def fetch(t: Lanes, view: View, pattern: Pattern, shift: int, mask: Mask | None, site: Site) -> Any:
    """The elements at a pattern and distance for the lanes of `mask`."""
    dtype = view.dtype
    if mask is None:
        return t.schedule.own(np.zeros(t.chunk.lanes, dtype=dtype))
    if not view.aligned:
        check_alignment(t, view, pattern, shift, mask, site)
    access = Access("load", site, view, pattern, shift, mask, t.chunk)
    for observer in t.observers:
        observer.access(access)
    buffer, size = view.buffer, dtype.itemsize
    value: Any
    if pattern.uniform:
        value = buffer.storage[shift : shift + size].view(dtype)[0]
    elif view.aligned:
        value = pattern.gather(buffer, size, shift, mask).view(dtype)
    else:
        raw = np.zeros((t.chunk.lanes, size), dtype=np.uint8)
        gather_bytes(buffer.storage, mask.bits, mask.full, pattern.at(shift), raw)
        value = raw.view(dtype).reshape(-1)
    for observer in t.on_value:
        observer.value(access, value)
    return value


def put(t: Lanes, view: View, pattern: Pattern, shift: int, value: Any, mask: Mask, site: Site) -> None:
    """Store one element (or record) per lane of `mask`."""
    dtype = view.dtype
    size = dtype.itemsize
    buffer = view.buffer
    if not buffer.writable:
        fault(t, ReadOnly(t.chunk.place(site, mask.first()), buffer.array, mask.lanes))
        return
    if not view.aligned:
        check_alignment(t, view, pattern, shift, mask, site)
    if isinstance(value, View):
        if value.dtype != dtype or value.shape:
            raise KernelError(f"cannot assign an array to one element in `{site.text}`", site)
        value = fetch(t, value, *Pattern.of(value.offset), t.mask, site)
    elif isinstance(value, (str, bytes)):
        value = np.array(value, dtype)[()]
    elif dtype.fields is None and dtype.kind not in "SU":
        value = cast(value, dtype)
    access = Access("store", site, view, pattern, shift, mask, t.chunk, value)
    for observer in t.observers:
        observer.access(access)
    access.values = None  # whoever keeps the access need not keep them
    t.launch.version += 1
    values = value if isinstance(value, np.ndarray) else np.array([value], dtype=dtype)
    if pattern.uniform:
        last = values[0] if values.shape[0] == 1 else values[mask.bits.shape[0] - 1 - int(np.argmax(mask.bits[::-1]))]
        buffer.storage[shift : shift + size].view(dtype)[0] = last
    elif view.aligned:
        pattern.scatter(buffer, size, shift, mask, values.view(buffer.words(size).dtype))
    else:
        raw = np.ascontiguousarray(values).view(np.uint8).reshape(-1, size)
        scatter_bytes(buffer.storage, mask.bits, mask.full, pattern.at(shift), raw)
    for observer in t.on_value:
        observer.value(access, value)
