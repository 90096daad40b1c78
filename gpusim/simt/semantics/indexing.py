"""Indices: from `a[i, j]` or `a[i, :4]` to the place in memory, with bounds and wrap-around.

Indices follow Numba: negative ones wrap around once, slices clamp. Lanes that are outside are reported to the
observers, and taken out of the mask if nobody raises. `t` is the `Lanes` that execute.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gpusim.errors import KernelError
from gpusim.events.faults import OutOfBounds
from gpusim.machine.masks import Mask
from gpusim.memory.loops import index_vector, inside, lay, lay2, per_lane, wrap
from gpusim.memory.pattern import Pattern
from gpusim.memory.reuse import Ranges
from gpusim.memory.view import Extent, View
from gpusim.places import Site
from gpusim.simt.semantics.faults import describe_index, fault, wraps_around

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes

Integers = list[tuple[Any, Extent, int]]
"""(index, extent, stride in bytes) of dimensions that are indexed with a number."""


class _Place(NamedTuple):
    """Where an index leads: pattern, distance, the lanes inside; and what to remember it by (None: nothing)."""

    pattern: Pattern
    shift: int
    mask: Mask | None
    ranges: Ranges | None = None
    everywhere: bool = False  # are the indices of inactive lanes inside, too?


def element(t: Lanes, view: View, index: tuple[Any, ...], site: Site) -> tuple[Pattern, int, Mask | None]:
    """The pattern, the distance, and the lanes inside, of an index with a number for every dimension.

    For one that the view does not know yet: it will know it afterwards.
    """
    mask, reuse, shape, strides = t.mask, view.reuse, view.shape, view.strides
    for item in index:
        _check_integer(item, site)
    ragged = any(type(extent) is not int for extent in shape)
    found = None if ragged else reuse.find_moved(index, shape, strides, mask)
    if found is not None:
        return *found, mask
    place = _resolve(t, view, index, list(zip(index, shape, strides, strict=True)), view.offset, site)
    if place.ranges is not None and view.dtype.fields is None:
        fixed = place.shift - sum(int(k) * stride for k, stride in zip(index, strides, strict=True) if np.ndim(k) == 0)
        reuse.remember(index, place.pattern, fixed, place.ranges, None if place.everywhere else mask)
    return place.pattern, place.shift, place.mask


def part(
    t: Lanes, view: View, index: tuple[Any, ...], site: Site
) -> tuple[Extent, tuple[Extent, ...], tuple[int, ...], Mask | None]:
    """(offset, shape and strides of what is left, lanes inside) of an index that leaves dimensions open."""
    offset = view.offset
    left_shape: list[Extent] = []
    left_strides: list[int] = []
    integers: Integers = []
    dimension = 0
    for item in _complete(index, view, site):
        if item is None:
            left_shape.append(1)
            left_strides.append(0)
            continue
        extent, stride = view.shape[dimension], view.strides[dimension]
        dimension += 1
        if isinstance(item, slice):
            start, count, step = slice_bounds(item, extent)
            offset = offset + start * stride
            left_shape.append(count)
            left_strides.append(stride * step)
        else:
            _check_integer(item, site)
            integers.append((item, extent, stride))
    place = _resolve(t, view, index, integers, offset, site)
    return place.pattern.at(place.shift), tuple(left_shape), tuple(left_strides), place.mask


def _complete(index: tuple[Any, ...], view: View, site: Site) -> tuple[Any, ...]:
    """Write `...` and missing dimensions out as full slices."""
    used = sum(item is not None and item is not Ellipsis for item in index)
    missing = view.ndim - used
    if missing < 0:
        raise KernelError(
            f"`{site.text}` gives {used} indices to '{view.buffer.array.name}', "
            f"which has {view.ndim} dimension{'s' * (view.ndim != 1)}",
            site,
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
    count = np.maximum(-((start - stop) // step), 0)
    if np.ndim(start) == 0 and np.ndim(count) == 0:
        return int(start), int(count), step
    return start, count, step


def _resolve(t: Lanes, view: View, index: tuple[Any, ...], integers: Integers, offset: Extent, site: Site) -> _Place:
    """Offset + the integers times their strides, with bounds and wrap-around."""
    mask = t.mask
    uniform = 0
    wrapped = False
    vectors: list[tuple[np.ndarray, Extent, int]] = []
    for item, extent, stride in integers:
        if isinstance(item, np.ndarray) or isinstance(extent, np.ndarray):
            vectors.append((index_vector(item) if isinstance(item, np.ndarray) else per_lane(item), extent, stride))
            continue
        k = int(item)
        if not -extent <= k < extent:
            return _Place(*Pattern.of(offset), _outside(t, view, index, np.zeros_like(mask.bits), site))
        wrapped |= k < 0
        uniform += (k + extent if k < 0 else k) * stride
    if not vectors:
        if wrapped:
            wraps_around(t, view, index, site)
        pattern, shift = Pattern.of(offset)
        return _Place(pattern, shift + uniform, mask, None if wrapped else (None,) * len(integers), True)
    base, shift = (offset, uniform) if isinstance(offset, np.ndarray) else (per_lane(0), offset + uniform)
    if all(type(extent) is int for _, extent, _ in vectors):
        vector, spans = _lay(base, vectors, t.chunk.lanes)
        everywhere = True
        for (low, high), (numbers, extent, _) in zip(spans, vectors, strict=True):
            if low < 0 or high >= extent:
                everywhere = False
                if not inside(mask.bits, numbers, extent):
                    break
        else:
            known = iter(spans)
            ranges = tuple([next(known) if isinstance(item, np.ndarray) else None for item, _, _ in integers])
            if wrapped:
                wraps_around(t, view, index, site)
            return _Place(Pattern(vector), shift, mask, None if wrapped else ranges, everywhere)
    outside = False
    for k, (numbers, extent, stride) in enumerate(vectors):
        clamped = np.empty(t.chunk.lanes, dtype=np.int64)
        beyond, negative = wrap(mask.bits, numbers, per_lane(extent), clamped)
        vectors[k] = clamped, extent, stride
        outside |= beyond
        wrapped |= negative
    pattern = Pattern(_lay(base, vectors, t.chunk.lanes)[0])
    if outside:
        return _Place(pattern, shift, _outside(t, view, index, _inside(mask, integers), site))
    if wrapped:
        wraps_around(t, view, index, site)
    return _Place(pattern, shift, mask)


def _lay(
    base: np.ndarray, vectors: list[tuple[np.ndarray, Extent, int]], lanes: int
) -> tuple[np.ndarray, list[tuple[int, int]]]:
    """base + the vectors times their strides, and the range of each of them, in as few passes as possible."""
    spans: list[tuple[int, int]] = []
    for k in range(0, len(vectors), 2):
        out = np.empty(lanes, dtype=np.int64)
        if k + 1 < len(vectors):
            (first, _, stride0), (second, _, stride1) = vectors[k : k + 2]
            low0, high0, low1, high1 = lay2(base, first, stride0, second, stride1, out)
            spans += [(low0, high0), (low1, high1)]
        else:
            first, _, stride0 = vectors[k]
            spans.append(lay(base, first, stride0, out))
        base = out
    return base, spans


def _check_integer(item: Any, site: Site) -> None:
    kind = getattr(getattr(item, "dtype", None), "kind", "")
    if kind not in ("i", "u"):
        what = getattr(item, "dtype", type(item).__name__)
        raise KernelError(f"an index in `{site.text}` is {what}, not an integer", site)


def _inside(mask: Mask, integers: Integers) -> np.ndarray:
    """The active lanes all of whose indices are inside, bool."""
    inside = mask.bits
    for item, extent, _ in integers:
        k = item.astype(np.int64) if isinstance(item, np.ndarray) else int(item)
        inside = inside & (k >= -extent) & (k < extent)
    return inside


def _outside(t: Lanes, view: View, index: tuple[Any, ...], inside: np.ndarray, site: Site) -> Mask | None:
    """Report the first lane that left the array; returns the lanes that did not."""
    lane = int(np.argmax(t.mask.bits & ~inside))
    shape = tuple(int(extent[lane]) if isinstance(extent, np.ndarray) else int(extent) for extent in view.shape)
    left = t.mask.of(inside, t.mask.threads_per_block)
    count = t.mask.lanes - (left.lanes if left else 0)
    place = t.chunk.place(site, lane)
    fault(t, OutOfBounds(place, view.buffer.array, count, describe_index(index, lane), shape))
    return left
