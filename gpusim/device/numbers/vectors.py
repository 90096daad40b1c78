"""CUDA's vector types: `cuda.float32x3(x, y, z)` alias `cuda.float3`, with the components x, y, z, w.

A value is a named tuple of components. Constructors take numbers and vectors in any mix.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.numeric import cast
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.values import is_number, kind_of

# CUDA's names for the elements, on systems whose `long` has 64 bits.
_ALIASES = {
    "int8": ("char",), "int16": ("short",), "int32": ("int",), "int64": ("long", "longlong"),
    "uint8": ("uchar",), "uint16": ("ushort",), "uint32": ("uint",), "uint64": ("ulong", "ulonglong"),
    "float16": ("half",), "float32": ("float",), "float64": ("double",),
}  # fmt: skip


@cache
def _kind(element: str, count: int) -> Any:
    """The class of a vector; made when a kernel uses one, since there are many and each takes a while."""
    return namedtuple(f"{element}x{count}", ["x", "y", "z", "w"][:count])


def _constructor(element: str, count: int) -> Callable[..., Any]:
    """The function that makes a vector of `count` elements."""
    dtype = np.dtype(element)

    def construct(t: Lanes, site: Site, *arguments: Any) -> Any:
        parts: list[Any] = []
        for argument in arguments:
            parts.extend(argument if isinstance(argument, tuple) else (argument,))
        for part in parts:
            if not is_number(part):
                raise KernelError(f"`{site.text}` takes numbers, not {kind_of(part)}", site)
        if len(parts) != count:
            raise KernelError(f"`{site.text}` gives {len(parts)} of {count} components", site)
        return _kind(element, count)(*(cast(part, dtype) for part in parts))

    return construct


def _table() -> dict[str, Callable[..., Any]]:
    functions = {}
    for element, aliases in _ALIASES.items():
        for count in (1, 2, 3, 4):
            construct = _constructor(element, count)
            for name in (f"{element}x{count}", *(f"{alias}{count}" for alias in aliases)):
                functions[name] = construct
    return functions


FUNCTIONS: dict[str, Callable[..., Any]] = _table()
