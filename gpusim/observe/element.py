"""Where an access went, in words."""

from __future__ import annotations

import numpy as np

from gpusim.events.access import Access
from gpusim.memory.buffer import Array


def position_of(access: Access, lane: int) -> int:
    """The element's position in its array, in C order."""
    array, buffer = access.buffer.array, access.buffer
    address = access.addresses if isinstance(access.addresses, int) else int(access.addresses[lane])
    if buffer.space == "shared":
        address %= buffer.instance_bytes
    return address // max(array.dtype.itemsize, 1)


def element_of(access: Access, lane: int) -> str:
    """The element's index in its array, as a program would write it."""
    return index_words(access.buffer.array, position_of(access, lane))


def index_words(array: Array, position: int) -> str:
    """`[1, 2]` for the element at a position in an array in C order."""
    if len(array.shape) < 2:
        return f"[{position}]"
    index = np.unravel_index(min(position, int(np.prod(array.shape)) - 1), array.shape)
    return "[" + ", ".join(str(int(part)) for part in index) + "]"
