"""Pointers, which kernels make of arrays with cffi's `ffi.from_buffer(array)`, and what CUDA's headers do with them.

numba-cuda's cache-hint loads and its atomics do not take numbers of 16 bits; the functions of their headers, which
take a pointer, do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.device.memory.atomics import add_rounded
from gpusim.errors import KernelError
from gpusim.memory.view import View, c_strides
from gpusim.numeric.dtypes import BFLOAT16, as_dtype
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import kind_of

Intrinsic = Callable[..., Any]
_FIRST = np.int64(0)


class Pointer:
    """The address of the first element of an array; the elements after it belong to the array as well."""

    __slots__ = ("view",)

    def __init__(self, view: View) -> None:
        self.view = view


def from_buffer(t: Lanes, site: Site, array: Any) -> Pointer:
    """`ffi.from_buffer(array)`"""
    if not isinstance(array, View) or array.strides != c_strides(array.shape, array.dtype.itemsize):  # type: ignore[arg-type]
        raise KernelError(f"`{site.text}` takes a contiguous array, not {kind_of(array)}", site)
    return Pointer(array.derive((array.size,), (array.dtype.itemsize,), array.offset))


def _shaped(fortran: bool) -> Intrinsic:
    """`carray(pointer, shape, dtype=None)`: the memory behind a pointer as an array, `farray` in Fortran order."""

    def run(t: Lanes, site: Site, pointer: Any, shape: Any, dtype: Any = None) -> View:
        view = pointer.view if isinstance(pointer, Pointer) else pointer
        if not isinstance(view, View) or view.ndim != 1:
            raise KernelError(f"`{site.text}` takes a pointer, not {kind_of(pointer)}", site)
        if dtype is not None and as_dtype(dtype) != view.dtype:
            raise KernelError(f"`{site.text}` makes an array of {as_dtype(dtype)} from a pointer to {view.dtype}", site)
        sizes = tuple(int(size) for size in (shape if isinstance(shape, tuple) else (shape,)))
        if np.prod(sizes, dtype=np.int64) > view.size:
            raise KernelError(
                f"`{site.text}` makes an array of shape {sizes}, but there are {view.size} elements behind the pointer",
                site,
            )
        itemsize = view.dtype.itemsize
        strides = c_strides(sizes[::-1], itemsize)[::-1] if fortran else c_strides(sizes, itemsize)
        return view.derive(sizes, strides, view.offset)

    return run


def _target(site: Site, pointer: Any, dtype: np.dtype) -> View:
    if not isinstance(pointer, Pointer) or pointer.view.dtype != dtype:
        found = f"a pointer to {pointer.view.dtype}" if isinstance(pointer, Pointer) else kind_of(pointer)
        raise KernelError(f"`{site.text}` takes a pointer to {dtype}, not {found}", site)
    return pointer.view


def _load(dtype: np.dtype) -> Intrinsic:
    return lambda t, site, pointer: t.paths.load(t, _target(site, pointer, dtype), _FIRST, site)


def _store(dtype: np.dtype) -> Intrinsic:
    return lambda t, site, pointer, value: t.paths.store(t, _target(site, pointer, dtype), _FIRST, value, site)


def _add(dtype: np.dtype) -> Intrinsic:
    """`atomicAdd(pointer, value)`: the old value."""
    return lambda t, site, pointer, value: add_rounded(t, site, _target(site, pointer, dtype), _FIRST, value)


def _table(dtype: np.dtype) -> dict[str, Intrinsic]:
    loads = dict.fromkeys(("__ldg", "__ldca", "__ldcg", "__ldcs", "__ldlu", "__ldcv"), _load(dtype))
    stores = dict.fromkeys(("__stcg", "__stcs", "__stwb", "__stwt"), _store(dtype))
    return loads | stores | {"atomicAdd": _add(dtype)}


ARRAYS: dict[str, Intrinsic] = {"carray": _shaped(fortran=False), "farray": _shaped(fortran=True)}
"""Functions of `numba.cuda.np.numpy_support`."""

FUNCTIONS: dict[str, Intrinsic] = {
    **{f"_internal.cuda_fp16.{name}": function for name, function in _table(np.dtype(np.float16)).items()},
    **{f"_internal.cuda_bf16.{name}": function for name, function in _table(BFLOAT16).items()},
}
