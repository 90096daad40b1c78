"""Loads and stores with cache hints: `cuda.ldcg(array, i)`, `cuda.stcg(array, i, value)` and their kin.

The hint says which caches of a GPU may keep the data (PTX ISA, "Cache Operators"); what is read and
written is the same as without it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gpusim.errors import KernelError
from gpusim.memory.view import View
from gpusim.numeric.dtypes import NARROW
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import kind_of


def _array(site: Site, array: Any) -> View:
    """PTX has these instructions for elements of 8 to 64 bits; numba-cuda lacks them for bfloat16."""
    if not isinstance(array, View) or array.dtype.fields is not None or array.dtype.itemsize > 8:
        raise KernelError(f"`{site.text}` needs an array of numbers, not {kind_of(array)}", site)
    if array.dtype in NARROW:
        raise KernelError(f"`{site.text}` cannot be used for {array.dtype}; index the array", site)
    return array


def load(t: Lanes, site: Site, array: Any, i: Any) -> Any:
    """`array[i]`"""
    return t.paths.load(t, _array(site, array), i, site)


def store(t: Lanes, site: Site, array: Any, i: Any, value: Any) -> None:
    """`array[i] = value`"""
    t.paths.store(t, _array(site, array), i, value, site)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    **dict.fromkeys(("ldca", "ldcg", "ldcs", "ldlu", "ldcv"), load),
    **dict.fromkeys(("stcg", "stcs", "stwb", "stwt"), store),
}
