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
    inside = position - array.start // max(array.dtype.itemsize, 1)
    return index_words(array, inside if 0 <= inside < prod(array.shape) else position)


def index_words(array: Array, position: int) -> str:
    """`[1, 2]` for the element at a position in an array, in the order of its elements in memory."""
    if len(array.shape) < 2:
        return f"[{position}]"
    order: Literal["C", "F"] = "F" if array.columns else "C"
    index = np.unravel_index(min(position, prod(array.shape) - 1), array.shape, order)
    return "[" + ", ".join(str(int(part)) for part in index) + "]"
