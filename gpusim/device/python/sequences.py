"""What Python's builtins say about ranges and arrays: their length, what is in them, their extremes."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from gpusim import numeric
from gpusim.device.python.overloads import numba_type
from gpusim.device.python.reductions import elements
from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.numeric.operators import and_, eq, ge, gt, lt, mod, or_, sub
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.attributes import length
from gpusim.simt.semantics.iteration import Places, Range
from gpusim.simt.values import is_number, kind_of


def _len(t: Lanes, site: Site, value: Any) -> Any:
    return np.int64(1) * value.length() if isinstance(value, Range) else length(value)


def _ndindex(t: Lanes, site: Site, *shape: Any) -> Places:
    """`np.ndindex(2, 3)`, or of one tuple."""
    return Places(shape[0] if len(shape) == 1 and isinstance(shape[0], tuple) else shape)


def _ndenumerate(t: Lanes, site: Site, view: Any) -> Places:
    if not isinstance(view, View):
        raise KernelError(f"`{site.text}` needs an array, not {kind_of(view)}", site)
    return Places(view.shape, view)


def _type(t: Lanes, site: Site, value: Any) -> Any:
    """`type(number)`, to call it."""
    if not is_number(value):
        raise KernelError(f"`{site.text}` needs a number, not {kind_of(value)}", site)
    return value.dtype.type


def _slice(t: Lanes, site: Site, *parts: Any) -> slice:
    return slice(*parts)


def _iter(t: Lanes, site: Site, items: Any) -> Any:
    """`iter(items)`, for a loop over them."""
    return items


def contains(item: Any, items: Any) -> Any:
    """`item in (a, b, c)`, `item in range(...)`"""
    if isinstance(items, Range):
        return _in_range(item, items)
    if not isinstance(items, tuple):
        raise KernelError(f"`in` needs a tuple or a range, not {kind_of(items)}")
    return reduce(or_, (eq(item, candidate) for candidate in items), np.bool_(False))


def _in_range(item: Any, items: Range) -> Any:
    start, stop, step = (np.int64(1) * bound for bound in (items.start, items.stop, items.step))
    upwards = np.where(step > 0, ge(item, start) & lt(item, stop), ge(start, item) & gt(item, stop))[()]
    return and_(upwards, eq(mod(sub(item, start), step), np.int64(0)))


def _extreme(name: str, builtin: Callable[..., Any], better: Callable[..., Any]) -> Callable[..., Any]:
    """`min(array)` and `max(array)`, by comparing one element after the other; of values as elsewhere."""
    of_values: Any = numeric.implementation(builtin)

    def extreme(t: Lanes, site: Site, *values: Any) -> Any:
        if len(values) != 1 or not isinstance(values[0], View):
            return of_values(*values)
        if values[0].ndim != 1:
            raise KernelError(f"{name}() of an array needs one dimension in `{site.text}`", site)
        found, uniform = elements(t, site, values[0])
        if not len(found):
            raise KernelError(f"`{site.text}` of an empty array", site)
        best = found[0]
        for candidate in found[1:]:
            best = np.where(better(candidate, best), candidate, best)
        return best[0] if uniform else best

    return extreme


def _has_attribute(t: Lanes, site: Site, value: Any, name: Any) -> Any:
    """`hasattr(value, "name")`: has the value's type the attribute?"""
    from numba.cuda.descriptor import cuda_target

    if not isinstance(name, str):
        raise KernelError(f"hasattr() needs a string in `{site.text}`", site)
    return np.bool_(cuda_target.typing_context.resolve_getattr(numba_type(value), name) is not None)


BUILTINS: dict[Any, Callable[..., Any]] = {
    len: _len,
    iter: _iter,
    min: _extreme("min", min, np.less),
    max: _extreme("max", max, np.greater),
    hasattr: _has_attribute,
    type: _type,
    slice: _slice,
    np.ndindex: _ndindex,
    np.ndenumerate: _ndenumerate,
}
