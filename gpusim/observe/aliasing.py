"""memcheck for dynamic shared memory: all its arrays are the same bytes, whatever their types.

`cuda.shared.array(0, float32)` and `cuda.shared.array(0, int32)` begin at the same address (Numba
documentation, "Dynamic Shared Memory"). Reading as one type what was written as another is nearly
always the consequence of having forgotten that; single bytes may alias everything, as in C.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.findings import Finding
from gpusim.memory.buffer import Array, Buffer
from gpusim.memory.loops import per_lane
from gpusim.native import native
from gpusim.numeric.dtypes import kind
from gpusim.observe.element import element_of


class DynamicTypes(Observer):
    """Remembers the type that each byte of dynamic shared memory was stored as."""

    def begin(self, launch: Launched) -> None:
        self._arrays: dict[object, Array] = launch.arrays
        self._types: list[str] = [""]
        self._stored: dict[Buffer, np.ndarray] = {}

    def access(self, access: Access) -> None:
        buffer, dtype = access.buffer, access.view.dtype
        if buffer.space != "shared" or buffer.array is not self._arrays.get("dynamic"):
            return
        stored = self._stored.get(buffer)
        if stored is None:
            stored = self._stored[buffer] = np.zeros(buffer.storage.shape[0], dtype=np.uint8)
        free = dtype.itemsize == 1 or kind(dtype) not in "biufc"
        name = "" if free else f"int{8 * dtype.itemsize}" if dtype.kind in "biu" else dtype.name
        if name not in self._types:
            self._types.append(name)
        code = self._types.index(name)
        reads = access.op != "store" and code != 0 and len(self._types) > 2
        lane, count = _follow(
            stored,
            per_lane(access.addresses),
            access.itemsize,
            access.mask.bits,
            access.mask.full,
            code,
            reads,
            access.op != "load",
        )
        if count:
            self._note(access, int(lane), int(count))

    def _note(self, access: Access, lane: int, count: int) -> None:
        site, array = access.site, access.buffer.array
        place = access.chunk.place(site, lane)
        message = (
            f"`{site.text}` reads dynamic shared memory at {element_of(access, lane)} as {access.view.dtype} "
            f"in thread {place.thread} of block {place.block}, but it was written as another type: all arrays of "
            "shape 0 begin at the same byte; give each its own slice of one of them"
        )
        self.report(Finding.at(place, "memcheck", "other-type", "warning", message, array, count=count))


@native
def _follow(stored: Any, addresses: Any, size: Any, bits: Any, full: Any, code: Any, reads: Any, writes: Any) -> Any:
    """(first lane that reads bytes of another type, number of such lanes); marks what is written."""
    a = 1 if addresses.shape[0] > 1 else 0
    first = -1
    count = 0
    for lane in range(bits.shape[0]):
        if full or bits[lane]:
            start = addresses[lane * a]
            if reads:
                other = False
                for byte in range(start, start + size):
                    other |= stored[byte] != 0 and stored[byte] != code
                if other:
                    if count == 0:
                        first = lane
                    count += 1
            if writes:
                for byte in range(start, start + size):
                    stored[byte] = code
    return first, count
