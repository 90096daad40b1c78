"""Sums, extremes and moments over all elements of an array: `np.sum(a)`, `a.max()` and their kin.

Elements are read one after the other, as in compiled code. Types are Numba's: sums of narrow integers
have 64 bits, means and variances are float64.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.memory import load
from gpusim.simt.values import kind_of


def elements(t: Lanes, site: Site, view: Any) -> tuple[np.ndarray, bool]:
    """(elements in C order by lanes, or by one if all lanes have the same; whether they do)."""
    if not isinstance(view, View) or any(isinstance(extent, np.ndarray) for extent in view.shape):
        raise KernelError(f"`{site.text}` needs an array of one shape, not {kind_of(view)}", site)
    values = [load(t, view, tuple(map(np.int64, place)), site) for place in np.ndindex(*view.shape)]
    uniform = not any(isinstance(value, np.ndarray) for value in values)
    if not values:
        return np.empty((0, 1), view.dtype), True
    return np.stack([np.broadcast_to(value, 1 if uniform else t.chunk.lanes) for value in values]), uniform


def _reduction(compute: Callable[..., Any], result: np.dtype | None = None) -> Callable[..., Any]:
    """`compute(elements, axis=0)` over all elements of an array."""

    def reduce(t: Lanes, site: Site, view: Any) -> Any:
        values, uniform = elements(t, site, view)
        if result is not None and values.dtype.kind in "iuf":
            values = values.astype(result)
        if not len(values) and compute in (np.min, np.max, np.argmin, np.argmax):
            raise KernelError(f"`{site.text}` of an empty array", site)
        found = compute(values, axis=0)
        return found[0] if uniform else found

    return reduce


_DOUBLE = np.dtype(np.float64)
_BY_NAME: dict[str, Callable[..., Any]] = {
    **{name: _reduction(getattr(np, name)) for name in ("all", "any", "sum", "prod", "min", "max", "argmin", "argmax")},
    **{name: _reduction(getattr(np, name), _DOUBLE) for name in ("mean", "var", "std")},
}
METHODS: dict[str, Callable[..., Any]] = _BY_NAME
FUNCTIONS: dict[Any, Callable[..., Any]] = {
    **{getattr(np, name): function for name, function in _BY_NAME.items()},
    **{getattr(np, name): _reduction(getattr(np, name)) for name in ("nanmin", "nanmax", "nansum", "nanprod")},
    **{getattr(np, name): _reduction(getattr(np, name), _DOUBLE) for name in ("nanmean", "nanvar", "nanstd")},
    np.count_nonzero: _reduction(np.count_nonzero),
}
