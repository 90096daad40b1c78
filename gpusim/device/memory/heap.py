"""Arrays that a thread allocates for itself: `np.empty`, `np.zeros` and their kin, and copies of arrays.

A GPU takes them from its heap, which Numba manages when CUDA_ENABLE_NRT is set. They are counted as
local memory here, for only the thread that made one has it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from gpusim.device.memory.arrays import extents, private
from gpusim.errors import NeedsThreads
from gpusim.memory.view import View
from gpusim.numeric import as_dtype
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.memory import store_slice


def empty(t: Lanes, site: Site, name: str, shape: Any, dtype: Any = np.float64) -> View:
    """`np.empty(shape, dtype)`, undefined until written; unlike other arrays it may have a computed shape."""
    t.launch.allocations += t.mask.lanes
    parts = tuple(map(partial(_agreed, t, site), shape)) if isinstance(shape, tuple) else _agreed(t, site, shape)
    return private(t, None, name, extents(parts, site), as_dtype(dtype), site)


def _agreed(t: Lanes, site: Site, number: Any) -> Any:
    """A number on which all threads agree; raises `NeedsThreads` when they do not: lanes have arrays of one shape."""
    if not isinstance(number, np.ndarray):
        return number
    values = number[t.mask.bits]
    if (values != values[0]).any():
        raise NeedsThreads(
            f"the length of `{site.text}` differs between threads, which then have to run one "
            "by one: simulate(kernel, scheduler='threads')",
            site,
        )
    return values[0]


def full(t: Lanes, site: Site, name: str, shape: Any, fill_value: Any, dtype: Any = None) -> View:
    """`np.full(shape, fill_value, dtype)`"""
    view = empty(t, site, name, shape, fill_value.dtype if dtype is None else dtype)
    store_slice(t, view, fill_value, site)
    return view


def arange(t: Lanes, site: Site, name: str, *bounds: Any, dtype: Any = None) -> View:
    """`np.arange(start, stop, step, dtype)`"""
    values = np.arange(*map(partial(_agreed, t, site), bounds), dtype=None if dtype is None else as_dtype(dtype))
    view = empty(t, site, name, np.int64(len(values)), values.dtype)
    for k, value in enumerate(values):
        store_slice(t, view.derive((1,), view.strides, view.offset + k * values.itemsize), value, site)
    return view


def copy(t: Lanes, site: Site, view: View) -> View:
    """`array.copy()`"""
    result = empty(t, site, f"{view.buffer.array.name}.copy", tuple(map(np.int64, view.shape)), view.dtype)
    store_slice(t, result, view, site)
    return result


def _filled(value: int) -> Callable[..., View]:
    def make(t: Lanes, site: Site, name: str, shape: Any, dtype: Any = np.float64) -> View:
        return full(t, site, name, shape, as_dtype(dtype).type(value), dtype)

    return make


def _like(make: Callable[..., View]) -> Callable[..., View]:
    """The function for the shape and (unless given) the dtype of another array."""

    def make_like(t: Lanes, site: Site, name: str, other: View, *arguments: Any, dtype: Any = None) -> View:
        shape = tuple(np.int64(extent) for extent in other.shape)
        return make(t, site, name, shape, *arguments, dtype=other.dtype if dtype is None else dtype)

    return make_like


_zeros, _ones = _filled(0), _filled(1)

NAMED: dict[Any, Callable[..., View]] = {
    np.arange: arange,
    np.empty: empty,
    np.zeros: _zeros,
    np.ones: _ones,
    np.full: full,
    np.empty_like: _like(empty),
    np.zeros_like: _like(_zeros),
    np.ones_like: _like(_ones),
    np.full_like: _like(full),
}
