"""initcheck: loads of memory that nothing has written.

Shared and local arrays start undefined in every block and thread, and so does what
`cuda.device_array` returns. What an earlier block left behind does not count as written.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gpusim.events.access import Access
from gpusim.events.observer import Observer
from gpusim.findings import Finding
from gpusim.machine.chunk import Chunk
from gpusim.memory.buffer import SHIFTS, WORDS, Buffer
from gpusim.memory.loops import per_lane
from gpusim.native import native
from gpusim.observe.element import element_of, position_of
from gpusim.observe.tool import Tool
from gpusim.places import Site


class _Carried(NamedTuple):
    """Undefined elements that a load has got for lanes, which only pass them on."""

    load: Access
    lanes: np.ndarray


class Initcheck(Observer):
    """Finds loads, and atomic updates, of undefined memory."""

    def __init__(self) -> None:
        self._news: set[Buffer] = set()  # buffers that were stored to since we last looked whether all is written
        self._whole: set[Buffer] = set()  # buffers of global memory in which everything is written
        self._carried: dict[tuple[Site, int], _Carried] = {}  # by load and chunk
        self._blotted: set[Buffer] = set()  # buffers that undefined elements were copied to

    def access(self, access: Access) -> None:
        site = access.site
        if site.copied and self._carried:
            known = self._carried.get((site, access.chunk.first_block))
            if known is not None:
                known.lanes[access.mask.bits] = False
        lane, count = self._look(access)
        if count and site.copied:
            self._carry(access)
        elif count:
            self._note(access, lane, count, "reads")
        if site.source is not None and self._carried and access.op == "store":
            carried = self._carried.get((site.source, access.chunk.first_block))
            if carried is not None:
                self._pass_on(access, carried)

    def _look(self, access: Access) -> tuple[int, int]:
        """The first lane that gets an undefined element, and how many do; a store defines what it writes."""
        buffer = access.buffer
        written = buffer.written
        if written is None or buffer in self._whole:
            return 0, 0
        if access.op == "store":
            self._news.add(buffer)
        elif buffer in self._news:
            self._news.discard(buffer)
            if written.all():  # from now on there is nothing to find
                if buffer.space == "global":
                    self._whole.add(buffer)
                else:
                    buffer.written = None
                return 0, 0
        mask, size = access.mask, access.itemsize
        # What is written stays written: whoever comes back to the same elements of a block finds them so.
        known: set[int] = set()
        if buffer.space == "shared" and buffer not in self._blotted:
            known = access.pattern.facts(mask).setdefault("written", known)
        if access.shift in known:
            return 0, 0
        reads, writes = access.op != "store", access.op != "load"
        if size in _ALL_WRITTEN and access.view.aligned:
            marks = written[: written.shape[0] // size * size].view(WORDS[size])
            log2, whole = SHIFTS[size], _ALL_WRITTEN[size]
            if not writes and _all_written(marks, log2, whole, access.pattern.vector, access.shift, mask.bits):
                known.add(access.shift)
                return 0, 0
            addresses = per_lane(access.addresses)
            lane, count = _follow_words(marks, log2, whole, addresses, mask.bits, mask.full, reads, writes)
        else:
            addresses = per_lane(access.addresses)
            lane, count = _follow_bytes(written, addresses, size, mask.bits, mask.full, reads, writes)
        if writes and not count:
            known.add(access.shift)
        return int(lane), int(count)

    def end_chunk(self, chunk: Chunk) -> None:
        self._news = {buffer for buffer in self._news if buffer.space == "global"}
        self._carried = {key: carried for key, carried in self._carried.items() if key[1] != chunk.first_block}

    def _carry(self, load: Access) -> None:
        """Remember which lanes have an undefined element in hand."""
        key = load.site, load.chunk.first_block
        lanes = self._carried[key].lanes if key in self._carried else np.zeros(load.chunk.lanes, np.bool_)
        written = load.buffer.written
        assert written is not None
        active = np.flatnonzero(load.mask.bits)
        lanes[active] = ~written[_bytes(load, active)].all(axis=1)
        self._carried[key] = _Carried(load, lanes)

    def _pass_on(self, store: Access, carried: _Carried) -> None:
        """A copy of undefined elements is as undefined as they are; in memory of the host, somebody will use it."""
        lanes = np.flatnonzero(carried.lanes & store.mask.bits)
        if not lanes.size:
            return
        buffer = store.buffer
        leaves = buffer.written is None and buffer.space == "global"
        self._note(carried.load, int(lanes[0]), lanes.size, "reads" if leaves else "copies")
        if buffer.written is not None:
            buffer.written[_bytes(store, lanes)] = False
            self._blotted.add(buffer)
            self._whole.discard(buffer)

    def _note(self, access: Access, lane: int, count: int, does: str) -> None:
        site, array = access.site, access.buffer.array
        place = access.chunk.place(site, lane)
        byte = self._first_missing(access, lane)
        what = (
            f"`{site.text}` {does} {array.space} array '{array.name}' at {element_of(access, lane, byte)} in thread "
            f"{place.thread} of block {place.block}"
        )
        if does == "copies":
            kind, severity = "uninitialised-copy", "warning"
            message = f"{what}, where nothing has written; set the element before somebody uses the copy"
        else:
            kind, severity = "uninitialised-read", "error"
            message = f"{what}, but nothing has written there; set every element before it is read"
        position = position_of(access, lane, byte)
        self.report(Finding.at(place, "initcheck", kind, severity, message, array, None, count, position))

    def _first_missing(self, access: Access, lane: int) -> int:
        """Of the bytes of an access, the first that nothing has written: a wide one meets several elements."""
        written = access.buffer.written
        if written is None or access.op == "atomic":
            return 0
        return int(np.argmin(written[_bytes(access, np.array([lane]))[0]]))


def _bytes(access: Access, lanes: np.ndarray) -> np.ndarray:
    """The bytes that lanes access, int64 (n, element size)."""
    addresses: np.ndarray = np.broadcast_to(access.addresses, access.chunk.lanes)[lanes]
    return addresses[:, np.newaxis] + np.arange(access.itemsize)


INITCHECK = Tool(
    "initcheck",
    fix="Write the element before it is read: fill the array in every thread, or wait with `cuda.syncthreads()` for "
    "the threads that fill it.",
    observers=lambda configuration: [Initcheck()],
)


_ALL_WRITTEN = {size: WORDS[size].type(int.from_bytes(b"\1" * size, "little")) for size in (1, 2, 4, 8)}


@native
def _all_written(marks: Any, log2: Any, all_written: Any, vector: Any, shift: Any, bits: Any) -> Any:
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


@native
def _follow_words(
    marks: Any, shift: Any, all_written: Any, addresses: Any, bits: Any, full: Any, reads: Any, writes: Any
) -> Any:
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


@native
def _follow_bytes(written: Any, addresses: Any, size: Any, bits: Any, full: Any, reads: Any, writes: Any) -> Any:
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
