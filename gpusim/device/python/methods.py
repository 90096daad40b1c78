"""Methods of arrays, numbers, tuples and slices: `a.reshape(n, m)`, `x.view(np.int32)`, `(1, 2).index(x)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.device.memory import heap
from gpusim.device.python import reductions
from gpusim.errors import KernelError
from gpusim.memory.view import View, c_strides
from gpusim.numeric import as_dtype, cast, select
from gpusim.numeric.operators import eq
from gpusim.places import Site
from gpusim.simt.semantics.attributes import whole
from gpusim.simt.semantics.memory import load
from gpusim.simt.semantics.statements import thrown_in
from gpusim.simt.values import is_number, kind_of

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def method_of(receiver: Any, name: str) -> Callable[..., Any] | None:
    """The method that Numba gives to values of this kind."""
    if isinstance(receiver, View):
        return _ARRAYS.get(name)
    if is_number(receiver):
        return _NUMBERS.get(name)
    if isinstance(receiver, tuple) and name == "index":
        return _index
    if isinstance(receiver, slice) and name == "indices":
        return _indices
    if isinstance(receiver, np.dtype) and name == "type":
        return _of_type
    return None


def _reshape(t: Lanes, site: Site, view: View, *shape: Any) -> View:
    parts = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape
    extents = [int(part) for part in parts]
    size = int(view.size)
    if -1 in extents:
        known = -int(np.prod(extents))
        extents[extents.index(-1)] = size // known if known else 0
    if int(np.prod(extents)) != size or (size and view.strides != c_strides(view.shape, view.dtype.itemsize)):  # type: ignore[arg-type]
        raise KernelError(f"`{site.text}` cannot reshape {view.shape}", site)
    return view.derive(tuple(extents), c_strides(tuple(extents), view.dtype.itemsize), view.offset)


def _view(t: Lanes, site: Site, view: View, dtype: Any) -> View:
    element = as_dtype(dtype)
    old = view.dtype.itemsize
    if not view.shape or view.strides[-1] != old:
        raise KernelError(f"`{site.text}` needs a contiguous array", site)
    last = view.shape[-1] * old // element.itemsize
    return view.derive((*view.shape[:-1], last), (*view.strides[:-1], element.itemsize), view.offset, element)


def _flat(t: Lanes, site: Site, view: View) -> View:
    return _reshape(t, site, view, np.int64(view.size))


def _transpose(t: Lanes, site: Site, view: View) -> View:
    return view.derive(view.shape[::-1], view.strides[::-1], view.offset)


def _only(t: Lanes, site: Site, view: View) -> Any:
    """`a.item()` of an array of one element."""
    if isinstance(view.size, np.ndarray) or view.size != 1:
        raise thrown_in(t, ValueError, "item(): cannot convert array of size != 1 to scalar", t.mask.first(), site)
    return load(t, view, (np.int64(0),) * view.ndim, site)


def _astype(t: Lanes, site: Site, value: Any, dtype: Any) -> Any:
    return cast(value, as_dtype(dtype))


def _bits(t: Lanes, site: Site, value: Any, dtype: Any) -> Any:
    """`x.view(np.int32)`: the bits of a number as a number of another type."""
    to = as_dtype(dtype)
    if to.itemsize != value.dtype.itemsize or "c" in (to.kind, value.dtype.kind) or "b" in (to.kind, value.dtype.kind):
        raise KernelError(f"`{site.text}`: the bits of {value.dtype} are not those of a {to}", site)
    return value.view(to)


def _conjugate(t: Lanes, site: Site, value: Any) -> Any:
    return np.conjugate(value)


def _bit_count(t: Lanes, site: Site, value: Any) -> Any:
    """`n.bit_count()` of an unsigned integer, as popc counts it."""
    return np.bitwise_count(value).astype(np.int64)


def _itself(t: Lanes, site: Site, value: Any) -> Any:
    return value


def _of_type(t: Lanes, site: Site, dtype: np.dtype, value: Any) -> Any:
    """`a.dtype.type(value)`"""
    return cast(value, dtype)


def _index(t: Lanes, site: Site, items: tuple[Any, ...], item: Any) -> Any:
    """`(1, 2, 3).index(item)`: the first place, int64."""
    if not all(map(is_number, items)):
        raise KernelError(f"`{site.text}` needs a tuple of numbers, not {kind_of(items)}", site)
    found: Any = np.int64(-1)
    for place in reversed(range(len(items))):
        found = select(eq(items[place], item), np.int64(place), found)
    missing = t.mask.bits & np.broadcast_to(found < 0, t.chunk.lanes)
    if missing.any():
        raise thrown_in(t, ValueError, "tuple.index(x): x not in tuple", int(np.argmax(missing)), site)
    return found


def _indices(t: Lanes, site: Site, item: slice, length: Any) -> tuple[Any, Any, Any]:
    """`slice.indices(length)`: start, stop and step for a sequence of this length, as Python has them."""
    start, stop, step = whole(item)
    low, high = (np.int64(0), length) if step > 0 else (np.int64(-1), length - 1)
    bounds = [np.clip(np.where(bound < 0, bound + length, bound), low, high)[()] for bound in (start, stop)]
    return bounds[0] if item.start is not None else (low if step > 0 else high), *bounds[1:], step


_ARRAYS: dict[str, Callable[..., Any]] = {
    "reshape": _reshape,
    "view": _view,
    "ravel": _flat,
    "flatten": _flat,
    "transpose": _transpose,
    "item": _only,
    "copy": heap.copy,
    **reductions.METHODS,
}

_NUMBERS: dict[str, Callable[..., Any]] = {
    "astype": _astype,
    "view": _bits,
    "conjugate": _conjugate,
    "item": _itself,
    "bit_count": _bit_count,
}
