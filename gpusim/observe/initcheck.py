"""initcheck: loads of memory that nothing has written.

Shared and local arrays start undefined in every block and thread, and so does what
`cuda.device_array` returns. What an earlier block left behind does not count as written.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from gpusim.events.access import Access
from gpusim.events.observer import Observer
from gpusim.findings import Finding
from gpusim.machine.chunk import Chunk
from gpusim.memory.buffer import SHIFTS, WORDS, Buffer
from gpusim.memory.loops import per_lane
from gpusim.observe.element import element_of, position_of
from gpusim.observe.tool import Tool


class Initcheck(Observer):
    """Finds loads, and atomic updates, of undefined memory."""

    def __init__(self) -> None:
        self._news: set[Buffer] = set()  # buffers that were stored to since we last looked whether all is written
        self._whole: set[Buffer] = set()  # buffers of global memory in which everything is written

    def access(self, access: Access) -> None:
        buffer = access.buffer
        written = buffer.written
        if written is None or buffer in self._whole:
            return
        if access.op == "store":
            self._news.add(buffer)
        elif buffer in self._news:
            self._news.discard(buffer)
            if written.all():  # from now on there is nothing to find
                if buffer.space == "global":
                    self._whole.add(buffer)
                else:
                    buffer.written = None
                return
        mask, size = access.mask, access.itemsize
        # What is written stays written: whoever comes back to the same elements of a block finds them so.
        known = access.pattern.facts(mask).setdefault("written", set()) if buffer.space == "shared" else set()
        if access.shift in known:
            return
        reads, writes = access.op != "store", access.op != "load"
        if size in _ALL_WRITTEN and access.view.aligned:
            marks = written[: written.shape[0] // size * size].view(WORDS[size])
            log2, whole = SHIFTS[size], _ALL_WRITTEN[size]
            if not writes and _all_written(marks, log2, whole, access.pattern.vector, access.shift, mask.bits):
                known.add(access.shift)
                return
            addresses = per_lane(access.addresses)
            lane, count = _follow_words(marks, log2, whole, addresses, mask.bits, mask.full, reads, writes)
        else:
            addresses = per_lane(access.addresses)
            lane, count = _follow_bytes(written, addresses, size, mask.bits, mask.full, reads, writes)
        if count:
            self._note(access, int(lane), int(count))
        elif writes:
            known.add(access.shift)

    def end_chunk(self, chunk: Chunk) -> None:
        self._news = {buffer for buffer in self._news if buffer.space == "global"}

    def _note(self, access: Access, lane: int, count: int) -> None:
        site, array = access.site, access.buffer.array
        place = access.chunk.place(site, lane)
        message = (
            f"`{site.text}` reads {array.space} array '{array.name}' at {element_of(access, lane)} in thread "
            f"{place.thread} of block {place.block}, but nothing has written there; set every element before it is read"
        )
        self.report(
            Finding.at(
                place,
                "initcheck",
                "uninitialised-read",
                "error",
                message,
                array,
                None,
                count,
                position_of(access, lane),
            )
        )


INITCHECK = Tool(
    "initcheck",
    fix="Write the element before it is read: fill the array in every thread, or wait with `cuda.syncthreads()` for "
    "the threads that fill it.",
    observers=lambda configuration: [Initcheck()],
)


_ALL_WRITTEN = {size: WORDS[size].type(int.from_bytes(b"\1" * size, "little")) for size in (1, 2, 4, 8)}


@njit(cache=True, nogil=True)
def _all_written(marks, log2, all_written, vector, shift, bits):
    """Is everything written that active lanes read? (Most often it is; this loop compiles to vector code.)"""
    missing: bool | np.bool_ = False
    distance = shift >> log2
    if vector.shape[0] == 1:
        return marks[(vector[0] >> log2) + distance] == all_written
    last = np.uint64(marks.shape[0] - 1)
    for lane in range(bits.shape[0]):
        place = min(np.uint64((vector[lane] >> log2) + distance), last)  # an inactive lane may point anywhere
        missing |= bits[lane] & (marks[place] != all_written)
    return not missing


@njit(cache=True, nogil=True)
def _follow_words(marks, shift, all_written, addresses, bits, full, reads, writes):
    """As `_follow_bytes` for aligned elements of 1, 2, 4 or 8 bytes, whose marks are one word."""
    a = 1 if addresses.shape[0] > 1 else 0
    first = -1
    count = 0
    for lane in range(bits.shape[0]):
        if full or bits[lane]:
            place = addresses[lane * a] >> shift
            if reads and marks[place] != all_written:
                if count == 0:
                    first = lane
                count += 1
            if writes:
                marks[place] = all_written
    return first, count


@njit(cache=True, nogil=True)
def _follow_bytes(written, addresses, size, bits, full, reads, writes):
    """(first lane that reads an unwritten byte, number of such lanes); marks what is written."""
    a = 1 if addresses.shape[0] > 1 else 0
    first = -1
    count = 0
    for lane in range(bits.shape[0]):
        if full or bits[lane]:
            start = addresses[lane * a]
            if reads:
                known = True
                for byte in range(start, start + size):
                    known &= written[byte]
                if not known:
                    if count == 0:
                        first = lane
                    count += 1
            if writes:
                for byte in range(start, start + size):
                    written[byte] = True
    return first, count
