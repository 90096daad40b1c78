"""The argument types that a kernel is compiled for: of a signature, or of a launch."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.errors import GpusimError
from gpusim.kernel.dialects import NUMBA, Package
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


def numba_types(kinds: Iterable[Any], package: Package = NUMBA) -> tuple[Any, ...]:
    """The package's types of `kinds`. Raises `TypeError` for what it has no type for."""
    return tuple(_type(kind, package) for kind in kinds)


def _type(kind: Any, package: Package) -> Any:
    types = package.module("types")
    from_dtype = package.module("np.numpy_support").from_dtype
    if isinstance(kind, ArrayType):
        return types.Array(from_dtype(kind.dtype), kind.ndim, kind.layout)
    if isinstance(kind, np.dtype):
        return from_dtype(kind)
    if isinstance(kind, tuple):
        return types.BaseTuple.from_types(numba_types(kind, package))
    if kind is None:
        return types.none
    raise TypeError(f"no type for {kind!r}")


def argument_types(signature: Any, package: Package = NUMBA) -> tuple[Any, ...]:
    """The argument types of a signature; raises `GpusimError` when it cannot be read or returns a value."""
    try:
        argtypes, result = package.module("core.sigutils").normalize_signature(signature)
    except Exception as error:
        raise GpusimError(
            f'cannot read the signature {signature!r} ({error}): write it as "void(float32[:, :], int32)"'
        ) from None
    if result not in (None, package.module("types").void):
        raise GpusimError(f"the signature {signature!r} returns {result}, but a kernel returns nothing: use void(...)")
    return tuple(argtypes)
