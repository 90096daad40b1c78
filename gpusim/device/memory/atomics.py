"""Atomic operations: read, combine and write back, one lane after the other, returning the old value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.events.access import Access
from gpusim.events.faults import ReadOnly
from gpusim.memory.loops import per_lane
from gpusim.memory.view import View
from gpusim.native import native
from gpusim.numeric import cast
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.faults import fault
from gpusim.simt.semantics.indexing import element
from gpusim.simt.semantics.memory import check_alignment, plain_index
from gpusim.simt.values import is_number, kind_of

_ADD, _SUB, _MAX, _MIN, _NANMAX, _NANMIN, _EXCH = range(7)
_AND, _OR, _XOR, _INC, _DEC = range(5)


@native
def _arithmetic(memory: Any, bits: Any, places: Any, values: Any, code: Any, old: Any) -> Any:
    p = 1 if places.shape[0] > 1 else 0
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(bits.shape[0]):
        if bits[lane]:
            place = places[lane * p]
            before = memory[place]
            value = values[lane * v]
            old[lane] = before
            if code == _ADD:
                memory[place] = before + value
            elif code == _SUB:
                memory[place] = before - value
            elif code == _MAX:
                memory[place] = value if value > before else before
            elif code == _MIN:
                memory[place] = value if value < before else before
            elif code == _NANMAX:
                memory[place] = value if value > before or before != before else before
            elif code == _NANMIN:
                memory[place] = value if value < before or before != before else before
            else:
                memory[place] = value


@native
def _bitwise(memory: Any, bits: Any, places: Any, values: Any, code: Any, old: Any) -> Any:
    p = 1 if places.shape[0] > 1 else 0
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(bits.shape[0]):
        if bits[lane]:
            place = places[lane * p]
            before = memory[place]
            value = values[lane * v]
            old[lane] = before
            if code == _AND:
                memory[place] = before & value
            elif code == _OR:
                memory[place] = before | value
            elif code == _XOR:
                memory[place] = before ^ value
            elif code == _INC:
                memory[place] = 0 if before >= value else before + 1
            else:
                memory[place] = value if before == 0 or before > value else before - 1


@native
def _compare(memory: Any, bits: Any, places: Any, expected: Any, values: Any, old: Any) -> Any:
    p = 1 if places.shape[0] > 1 else 0
    e = 1 if expected.shape[0] > 1 else 0
    v = 1 if values.shape[0] > 1 else 0
    for lane in range(bits.shape[0]):
        if bits[lane]:
            place = places[lane * p]
            before = memory[place]
            old[lane] = before
            if before == expected[lane * e]:
                memory[place] = values[lane * v]


def _vector(value: Any, dtype: np.dtype) -> np.ndarray:
    return np.atleast_1d(cast(value, dtype))


def _target(
    t: Lanes, site: Site, array: Any, index: Any, values: list[Any], smallest: int = 4
) -> tuple[Any, ...] | None:
    """Resolve the element of each lane and announce the access: (memory, bits, places, values, old)."""
    if not isinstance(array, View) or array.dtype.fields is not None:
        raise KernelError(f"`{site.text}` needs an array of numbers, not {kind_of(array)}", site)
    if array.dtype.itemsize < smallest:
        raise KernelError(
            f"`{site.text}` needs elements of 32 or 64 bits, and array '{array.buffer.array.name}' holds {array.dtype}",
            site,
        )
    index = plain_index(t, index if isinstance(index, tuple) else (index,), site)
    if len(index) != array.ndim or not all(map(is_number, index)):
        raise KernelError(f"`{site.text}` must name one element", site)
    found = array.reuse.find(index, array.shape, array.strides, t.mask)
    pattern, shift, mask = (*found, t.mask) if found else element(t, array, index, site)
    dtype = array.dtype
    old = np.zeros(t.chunk.lanes, dtype=dtype)
    if mask is None:
        return None
    buffer = array.buffer
    if not buffer.writable:
        fault(t, ReadOnly(t.chunk.place(site, mask.first()), array.buffer.array, mask.lanes))
        return None
    if not array.aligned:
        check_alignment(t, array, pattern, shift, mask, site)
    access = Access("atomic", site, array, pattern, shift, mask, t.chunk)
    for observer in t.observers:
        observer.access(access)
    whole = buffer.storage.shape[0] // dtype.itemsize * dtype.itemsize
    memory = buffer.storage[:whole].view(dtype)
    places = per_lane(pattern.at(shift)) // dtype.itemsize
    for observer in t.on_value:
        observer.value(access, values[-1])
    return memory, mask.bits, places, *(_vector(value, dtype) for value in values), old


def _changes(memory: np.ndarray, bits: np.ndarray, places: np.ndarray, old: np.ndarray) -> bool:
    """Has the operation changed memory? (A failed attempt to take a lock has not.)"""
    touched = memory[places[bits] if places.shape[0] > 1 else places]
    return bool((touched != old[bits]).any())


def _updating(compiled: Callable[..., None], code: int) -> Callable[..., Any]:
    def update(t: Lanes, site: Site, array: Any, index: Any, value: Any) -> Any:
        target = _target(t, site, array, index, [value])
        if target is None:
            return t.schedule.own(np.zeros(t.chunk.lanes, dtype=array.dtype))
        memory, bits, places, values, old = target
        compiled(memory, bits, places, values, code, old)
        t.launch.version += _changes(memory, bits, places, old)
        return t.schedule.own(old)

    return update


def add_rounded(t: Lanes, site: Site, array: Any, index: Any, value: Any) -> Any:
    """Adds to float16 or bfloat16 elements; every sum is rounded, in the order of the lanes."""
    target = _target(t, site, array, index, [value], smallest=2)
    if target is None:
        return t.schedule.own(np.zeros(t.chunk.lanes, dtype=array.dtype))
    memory, bits, places, values, old = target
    for lane in np.flatnonzero(bits):
        place = places[lane if places.shape[0] > 1 else 0]
        old[lane] = memory[place]
        memory[place] += values[lane if values.shape[0] > 1 else 0]
    t.launch.version += _changes(memory, bits, places, old)
    return t.schedule.own(old)


def cas(t: Lanes, site: Site, array: Any, index: Any, expected: Any, value: Any) -> Any:
    """`cuda.atomic.cas(array, index, expected, value)`"""
    target = _target(t, site, array, index, [expected, value])
    if target is None:
        return t.schedule.own(np.zeros(t.chunk.lanes, dtype=array.dtype))
    memory, bits, places, expected, values, old = target
    _compare(memory, bits, places, expected, values, old)
    t.launch.version += _changes(memory, bits, places, old)
    return t.schedule.own(old)


def compare_and_swap(t: Lanes, site: Site, array: Any, expected: Any, value: Any) -> Any:
    """`cuda.atomic.compare_and_swap(array, expected, value)`: cas on element 0."""
    return cas(t, site, array, np.int64(0), expected, value)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "atomic.add": _updating(_arithmetic, _ADD),
    "atomic.sub": _updating(_arithmetic, _SUB),
    "atomic.max": _updating(_arithmetic, _MAX),
    "atomic.min": _updating(_arithmetic, _MIN),
    "atomic.nanmax": _updating(_arithmetic, _NANMAX),
    "atomic.nanmin": _updating(_arithmetic, _NANMIN),
    "atomic.exch": _updating(_arithmetic, _EXCH),
    "atomic.and_": _updating(_bitwise, _AND),
    "atomic.or_": _updating(_bitwise, _OR),
    "atomic.xor": _updating(_bitwise, _XOR),
    "atomic.inc": _updating(_bitwise, _INC),
    "atomic.dec": _updating(_bitwise, _DEC),
    "atomic.cas": cas,
    "atomic.compare_and_swap": compare_and_swap,
}
