"""Where an access went, in words."""

from __future__ import annotations

from math import prod
from typing import Literal

import numpy as np

from gpusim.events.access import Access
from gpusim.memory.buffer import Array


def position_of(access: Access, lane: int, byte: int = 0) -> int:
    """The position of an accessed byte's element in the buffer, in elements of its array."""
    array, buffer = access.buffer.array, access.buffer
    address = access.addresses if isinstance(access.addresses, int) else int(access.addresses[lane])
    if buffer.space == "shared":
        address %= buffer.instance_bytes
    return (address + byte) // max(array.dtype.itemsize, 1)


def element_of(access: Access, lane: int, byte: int = 0) -> str:
    """The element's index in its array, as a program would write it."""
    array, position = access.buffer.array, position_of(access, lane, byte)
    return index_words(array, int(_from_its_start(array, np.asarray(position))))


def in_order(array: Array, positions: np.ndarray) -> np.ndarray:
    """Positions in a buffer as positions in its array in C order (int64), whose elements may lie in Fortran's order."""
    inside = _from_its_start(array, positions)
    if not array.columns:
        return inside
    known = (inside >= 0) & (inside < prod(array.shape))
    index = np.unravel_index(np.where(known, inside, 0), array.shape, "F")
    return np.where(known, np.ravel_multi_index(index, array.shape), inside)


def _from_its_start(array: Array, positions: np.ndarray) -> np.ndarray:
    """Counted from the array's first element, if it is an element of the array."""
    inside = positions - array.start // max(array.dtype.itemsize, 1)
    return np.where((inside >= 0) & (inside < prod(array.shape)), inside, positions)


def index_words(array: Array, position: int) -> str:
    """`[1, 2]` for the element at a position in an array, in the order of its elements in memory."""
    if len(array.shape) < 2:
        return f"[{position}]"
    order: Literal["C", "F"] = "F" if array.columns else "C"
    index = np.unravel_index(min(position, prod(array.shape) - 1), array.shape, order)
    return "[" + ", ".join(str(int(part)) for part in index) + "]"
