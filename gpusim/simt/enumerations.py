"""Members of enumerations inside kernels: their value, which remembers the enumeration it belongs to.

Numba compares members of one enumeration by their values; members of two are never the same object,
even with equal values. Integer enumerations are integers in everything else.
"""

from __future__ import annotations

import enum
from functools import cache
from typing import Any

import numpy as np

from gpusim.numeric import literal


@cache
def _kind(enumeration: type[enum.Enum], base: type) -> type:
    """`base` (a NumPy scalar or tuple type) as the type of the members of an enumeration."""
    return type(enumeration.__name__, (base,), {"enumeration": enumeration})


def member(value: enum.Enum) -> Any:
    """A member as a value of the kernel."""
    plain = constant(value.value)
    base: type = type(plain)
    return _kind(type(value), base)(plain)


def plain(value: Any) -> Any:
    """The value of a member, which no longer knows its enumeration."""
    if isinstance(value, tuple):
        return tuple(value)
    return value.dtype.type(value)


def constant(value: Any) -> Any:
    """A number of the host, a member of an enumeration, or a tuple of them, as a value of the kernel."""
    if isinstance(value, np.generic):  # before Python's numbers: np.float64 is a float, too
        return value
    if isinstance(value, enum.Enum):
        return member(value)
    if isinstance(value, tuple):
        parts = [constant(part) for part in value]
        return type(value)(*parts) if hasattr(value, "_fields") else tuple(parts)
    return literal(value) if isinstance(value, (bool, int, float, complex)) else value


def same_enumeration(a: Any, b: Any) -> bool:
    """False if the values are known to belong to different enumerations."""
    return getattr(a, "enumeration", None) is getattr(b, "enumeration", None)
