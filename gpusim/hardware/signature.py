"""The types of a launch's arguments, as Numba would compile for them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numba.cuda import types
from numba.cuda.np.numpy_support import from_dtype

from gpusim.memory.view import View, c_strides


@dataclass(frozen=True)
class ArrayType:
    """An array argument; `layout` is "C", "F" or "A" (any)."""

    dtype: np.dtype
    ndim: int
    layout: str


def kinds(values: Iterable[Any]) -> tuple[Any, ...]:
    """What is to be known of a kernel's arguments to compile for them, without the arguments themselves."""
    return tuple(map(_kind, values))


def _kind(value: Any) -> Any:
    if isinstance(value, View):
        return ArrayType(value.dtype, value.ndim, _layout(value))
    if isinstance(value, np.generic):
        return value.dtype
    if isinstance(value, tuple):
        return kinds(value)
    return value


def _layout(view: View) -> str:
    shape: tuple[int, ...] = view.shape  # type: ignore[assignment]  # arguments have one shape for all lanes
    if view.strides == c_strides(shape, view.dtype.itemsize):
        return "C"
    return "F" if view.strides[::-1] == c_strides(shape[::-1], view.dtype.itemsize) else "A"


def numba_types(kinds: Iterable[Any]) -> tuple[types.Type, ...]:
    """The types of `kinds`. Raises `TypeError` for what Numba has no type for."""
    return tuple(map(_type, kinds))


def _type(kind: Any) -> types.Type:
    if isinstance(kind, ArrayType):
        return types.Array(from_dtype(kind.dtype), kind.ndim, kind.layout)
    if isinstance(kind, np.dtype):
        return from_dtype(kind)
    if isinstance(kind, tuple):
        return types.BaseTuple.from_types([_type(part) for part in kind])
    if kind is None:
        return types.none
    raise TypeError(f"no type for {kind!r}")
