"""The memory path: how `a[i]` in a kernel becomes an address, an event for the observers, and a value.

`t` is the `Lanes` that execute (see gpusim.simt.lanes): its mask, its chunk and its observers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import KernelError, NeedsThreads
from gpusim.memory.access import (
    address1,
    address2,
    address_ragged,
    gather,
    gather_bytes,
    index_vector,
    per_lane,
    scatter,
    scatter_bytes,
)
from gpusim.memory.buffer import SHIFTS
from gpusim.memory.view import Extent, View
from gpusim.numeric import cast
from gpusim.numeric.dtypes import kind
from gpusim.observe.base import Access, Site
from gpusim.observe.finding import Finding

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes
    from gpusim.simt.masks import Mask


def is_number(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic))


def load(t: Lanes, view: View, index: tuple[Any, ...], site: Site) -> Any:
    """`view[index]`: the elements, or a smaller view when the index leaves dimensions (or a record) open."""
    if not view.shape and view.dtype.names and len(index) == 1 and is_number(index[0]):
        return t.attribute(view, view.dtype.names[int(index[0])], site)  # the field with this number of one record
    offset, shape, strides, mask = locate(t, view, index, site)
    if shape or view.dtype.fields is not None:
        return view.derive(shape, strides, offset)
    return fetch(t, view, offset, mask, site)


def store(t: Lanes, view: View, index: tuple[Any, ...], value: Any, site: Site) -> None:
    """`view[index] = value`, for one element per lane, a whole slice, or a record."""
    offset, shape, strides, mask = locate(t, view, index, site)
    target = view.derive(shape, strides, offset) if shape else view
    if shape:
        store_slice(t, target, value, site)
    elif mask is not None:
        put(t, view, offset, value, mask, site)


def store_slice(t: Lanes, target: View, value: Any, site: Site) -> None:
    """`target[...] = value`, element by element as compiled code does it, `value` broadcast; a tuple item by item."""
    if any(isinstance(extent, np.ndarray) for extent in target.shape):
        raise NeedsThreads(f"{site.file}:{site.line}: the length of the slice in `{site.text}` differs between threads")
    shape: tuple[int, ...] = target.shape  # type: ignore[assignment]
    if isinstance(value, View) and tuple(value.shape) != shape[len(shape) - value.ndim :]:
        raise KernelError(
            f"{site.file}:{site.line}: cannot assign shape {value.shape} to shape {shape} in `{site.text}`"
        )
    if isinstance(value, tuple) and (len(value),) != shape:
        raise KernelError(
            f"{site.file}:{site.line}: cannot assign {len(value)} items to shape {shape} in `{site.text}`"
        )
    for position in np.ndindex(*shape):
        index = tuple(np.int64(i) for i in position)
        item = value[position[0]] if isinstance(value, tuple) else value
        if isinstance(value, View):
            item = load(t, value, index[len(index) - value.ndim :], site)
        store(t, target, index, item, site)


def locate(
    t: Lanes, view: View, index: tuple[Any, ...], site: Site
) -> tuple[Extent, tuple[Extent, ...], tuple[int, ...], Mask | None]:
    """Resolve an index to (offset, shape and strides of what is left, lanes whose index is inside).

    Indices follow Numba: negative ones wrap around once, slices clamp. Lanes that are outside are
    reported to the observers and taken out of the mask.
    """
    shape, strides, offset = view.shape, view.strides, view.offset
    if len(index) == len(shape) <= 2 and all(map(is_number, index)):  # nearly always
        if len(index) == 1:
            offset, mask = step1(t, view, offset, index[0], shape[0], strides[0], site, index)
        elif shape:
            first, second = (index[0], shape[0], strides[0]), (index[1], shape[1], strides[1])
            offset, mask = step2(t, view, offset, first, second, site, index)
        else:
            mask = t.mask
        return offset, (), (), mask
    index = _complete(tuple(_number(t, item, site) for item in index), view, site)
    left_shape: list[Extent] = []
    left_strides: list[int] = []
    integers: list[tuple[Any, Extent, int]] = []
    dimension = 0
    for item in index:
        if item is None:
            left_shape.append(1)
            left_strides.append(0)
            continue
        extent, stride = shape[dimension], strides[dimension]
        dimension += 1
        if isinstance(item, slice):
            start, count, step = slice_bounds(item, extent)
            offset = offset + start * stride
            left_shape.append(count)
            left_strides.append(stride * step)
        else:
            integers.append((item, extent, stride))
    inside: Mask | None = t.mask
    while len(integers) >= 2:
        offset, inside = step2(t, view, offset, integers[0], integers[1], site, index)
        integers = integers[2:]
    if integers:
        offset, inside = step1(t, view, offset, *integers[0], site, index)
    return offset, tuple(left_shape), tuple(left_strides), inside


def _number(t: Lanes, item: Any, site: Site) -> Any:
    """An index that is an array without dimensions as the number in it."""
    return load(t, item, (), site) if isinstance(item, View) and not item.shape else item


def _complete(index: tuple[Any, ...], view: View, site: Site) -> tuple[Any, ...]:
    """Write `...` and missing dimensions out as full slices."""
    used = sum(item is not None and item is not Ellipsis for item in index)
    missing = view.ndim - used
    if missing < 0:
        raise KernelError(
            f"{site.file}:{site.line}: `{site.text}` gives {used} indices to '{view.buffer.array.name}', "
            f"which has {view.ndim} dimension{'s' * (view.ndim != 1)}"
        )
    if any(item is Ellipsis for item in index):
        at = next(k for k, item in enumerate(index) if item is Ellipsis)
        return (*index[:at], *[slice(None)] * missing, *index[at + 1 :])
    return (*index, *[slice(None)] * missing)


def slice_bounds(item: slice, extent: Extent) -> tuple[Extent, Extent, int]:
    """(start, number of elements, step) of a slice, clamped to the array as Python does."""
    step = 1 if item.step is None else int(item.step)
    low, high = (0, extent) if step > 0 else (-1, extent - 1)

    def clamp(bound: Any, default: Extent) -> Any:
        if bound is None:
            return default
        bound = np.asarray(bound, dtype=np.int64)
        bound = np.where(bound < 0, bound + extent, bound)
        return np.clip(bound, low, high)

    start = clamp(item.start, low if step > 0 else high)
    stop = clamp(item.stop, high if step > 0 else low)
    count = np.maximum(0, -((start - stop) // step))
    if np.ndim(start) == 0 and np.ndim(count) == 0:
        return int(start), int(count), step
    return start, count, step


def step1(
    t: Lanes, view: View, base: Extent, item: Any, extent: Extent, stride: int, site: Site, index: tuple[Any, ...]
) -> tuple[Extent, Mask | None]:
    """base + item * stride with bounds and wrap-around."""
    item = _integer(item, site)
    mask = t.mask
    if isinstance(extent, np.ndarray):
        out = np.empty(t.chunk.lanes, dtype=np.int64)
        i = per_lane(item)
        outside, negative = address_ragged(mask.bits, per_lane(base), i, extent, stride, out)
    elif isinstance(item, np.ndarray):
        out = np.empty(t.chunk.lanes, dtype=np.int64)
        i = index_vector(item)
        outside, negative = address1(mask.bits, mask.full, per_lane(base), 0, i, extent, stride, out)
    else:
        k = int(item)
        if -extent <= k < extent:
            if k < 0:
                t.wrapped(view, index, site)
                k += extent
            return base + k * stride, mask
        return base, _outside(t, view, index, np.zeros_like(mask.bits), site)
    if outside:
        inside = (i >= -extent) & (i < extent) & mask.bits
        return out, _outside(t, view, index, inside, site)
    if negative:
        t.wrapped(view, index, site)
    return out, mask


def step2(
    t: Lanes,
    view: View,
    base: Extent,
    first: tuple[Any, Extent, int],
    second: tuple[Any, Extent, int],
    site: Site,
    index: tuple[Any, ...],
) -> tuple[Extent, Mask | None]:
    """base + two items times their strides, in one pass."""
    item0, extent0, stride0 = first
    item1, extent1, stride1 = second
    mask = t.mask
    if type(extent0) is int and type(extent1) is int:
        vector0, vector1 = isinstance(item0, np.ndarray), isinstance(item1, np.ndarray)
        if vector0 and vector1:
            out = np.empty(t.chunk.lanes, dtype=np.int64)
            i0, i1 = index_vector(_integer(item0, site)), index_vector(_integer(item1, site))
            outside, negative = address2(
                mask.bits, mask.full, per_lane(base), i0, extent0, stride0, i1, extent1, stride1, out
            )
            if outside:
                inside = (i0 >= -extent0) & (i0 < extent0) & (i1 >= -extent1) & (i1 < extent1) & mask.bits
                return out, _outside(t, view, index, inside, site)
            if negative:
                t.wrapped(view, index, site)
            return out, mask
        if vector0 != vector1:  # the index that is the same for all lanes becomes part of the base
            if vector0:
                item0, extent0, stride0, item1, extent1, stride1 = item1, extent1, stride1, item0, extent0, stride0
            k = int(_integer(item0, site))
            if 0 <= k < extent0:
                out = np.empty(t.chunk.lanes, dtype=np.int64)
                i = index_vector(_integer(item1, site))
                outside, negative = address1(
                    mask.bits, mask.full, per_lane(base), k * stride0, i, extent1, stride1, out
                )
                if outside:
                    return out, _outside(t, view, index, (i >= -extent1) & (i < extent1) & mask.bits, site)
                if negative:
                    t.wrapped(view, index, site)
                return out, mask
    offset, inside_first = step1(t, view, base, item0, extent0, stride0, site, index)
    if inside_first is None:
        return offset, None
    return step1(t, view, offset, item1, extent1, stride1, site, index)


def _integer(item: Any, site: Site) -> Any:
    """An index must be an integer."""
    if getattr(getattr(item, "dtype", None), "kind", "") not in ("i", "u", "b"):
        kind = getattr(item, "dtype", type(item).__name__)
        raise KernelError(f"{site.file}:{site.line}: an index in `{site.text}` is {kind}, not an integer")
    return item


def _outside(t: Lanes, view: View, index: tuple[Any, ...], inside: np.ndarray, site: Site) -> Mask | None:
    """Report the first lane that left the array; returns the lanes that did not."""
    lane = int(np.argmax(t.mask.bits & ~inside))
    block, thread = t.chunk.where(lane)
    array = view.buffer.array
    at = describe_index(index, lane)
    shape = tuple(int(extent[lane]) if isinstance(extent, np.ndarray) else int(extent) for extent in view.shape)
    left = t.mask.of(inside, t.mask.threads_per_block)
    t.report_outside(
        Finding(
            tool="memcheck",
            kind="out-of-bounds",
            severity="error",
            message=(
                f"out of bounds: `{site.text}` uses index {at} of {array.space} array '{array.name}', "
                f"whose shape is {shape}, in thread {thread} of block {block}; "
                "guard it with an `if`, or launch fewer threads"
            ),
            file=site.file,
            line=site.line,
            space=array.space,
            array=array.name,
            kernel=site.kernel,
            block=block,
            thread=thread,
            count=t.mask.lanes - (left.lanes if left else 0),
            text=site.text,
        )
    )
    return left


def describe_index(index: tuple[Any, ...], lane: int) -> str:
    """The index as one lane sees it: `5` or `(2, 0)`."""

    def show(item: Any) -> str:
        if isinstance(item, slice):
            return ":"
        return str(int(item[lane] if isinstance(item, np.ndarray) else item))

    parts = [show(item) for item in index if item is not None]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def check_alignment(t: Lanes, view: View, offset: Extent, mask: Mask, site: Site) -> None:
    """Numbers lie at multiples of their size, except in packed records, which compiled code takes apart."""
    size, array = view.dtype.itemsize, view.buffer.array
    if kind(view.dtype) not in "biufc" or size not in SHIFTS or array.dtype.fields is not None:
        return
    wrong = mask.bits & (np.asarray(offset) % size != 0)
    if wrong.any():
        lane = int(np.argmax(wrong))
        place = int(offset[lane] if isinstance(offset, np.ndarray) else offset) % max(view.buffer.instance_bytes, 1)
        what = f"accesses {view.dtype} at byte {place} of {array.space} array '{array.name}'"
        why = f"which is no multiple of {size}; start the view at a multiple"
        t.report_fault("misaligned", what, why, view, lane, int(wrong.sum()), site)


def fetch(t: Lanes, view: View, offset: Extent, mask: Mask | None, site: Site) -> Any:
    """The elements at `offset` for the lanes of `mask`."""
    dtype = view.dtype
    size = dtype.itemsize
    if mask is None:
        return t.own(np.zeros(t.chunk.lanes, dtype=dtype))
    buffer = view.buffer
    if not view.aligned:
        check_alignment(t, view, offset, mask, site)
    access = Access("load", site, view, buffer, size, mask, offset, t.chunk)
    for observer in t.observers:
        observer.access(access)
    value: Any
    if type(offset) is int:
        value = buffer.storage[offset : offset + size].view(dtype)[0]
    elif view.aligned:
        words = buffer.words(size)
        out = np.empty(t.chunk.lanes, dtype=words.dtype)
        gather(words, SHIFTS[size], mask.bits, mask.full, offset, out)
        value = out.view(dtype)
    else:
        raw = np.zeros((t.chunk.lanes, size), dtype=np.uint8)
        gather_bytes(buffer.storage, mask.bits, mask.full, offset, raw)
        value = raw.view(dtype).reshape(-1)
    if t.value_observers:
        t.report_value(access, value)
    return value


def put(t: Lanes, view: View, offset: Extent, value: Any, mask: Mask, site: Site) -> None:
    """Store one element (or record) per lane of `mask`."""
    dtype = view.dtype
    size = dtype.itemsize
    buffer = view.buffer
    if not buffer.writable:
        t.read_only(view, mask, site)
        return
    if not view.aligned:
        check_alignment(t, view, offset, mask, site)
    if isinstance(value, View):
        if value.dtype != dtype or value.shape:
            raise KernelError(f"{site.file}:{site.line}: cannot assign an array to one element in `{site.text}`")
        value = fetch(t, value, value.offset, t.mask, site)
    elif isinstance(value, (str, bytes)):
        value = np.array(value, dtype)[()]
    elif dtype.fields is None and dtype.kind not in "SU":
        value = cast(value, dtype)
    access = Access("store", site, view, buffer, size, mask, offset, t.chunk, value)
    for observer in t.observers:
        observer.access(access)
    t.launch.version += 1
    values = value if isinstance(value, np.ndarray) else np.array([value], dtype=dtype)
    if type(offset) is int:
        last = values[0] if values.shape[0] == 1 else values[mask.bits.shape[0] - 1 - int(np.argmax(mask.bits[::-1]))]
        buffer.storage[offset : offset + size].view(dtype)[0] = last
    elif view.aligned:
        words = buffer.words(size)
        scatter(words, SHIFTS[size], mask.bits, mask.full, offset, values.view(words.dtype))
    else:
        raw = np.ascontiguousarray(values).view(np.uint8).reshape(-1, size)
        scatter_bytes(buffer.storage, mask.bits, mask.full, offset, raw)
    if t.value_observers:
        t.report_value(access, value)
