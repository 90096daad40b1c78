"""Regions: ranges of a buffer and what happens in them, enough to see that most accesses harm nobody.

An access that touches no part of the buffer that others have touched conflicts with nothing; nor does a load
among loads, an atomic among atomics, or a thread that comes back to its own elements. Looking at ranges and
patterns decides this for all lanes together. Where it cannot be decided, `shadow` looks at single cells.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.machine.masks import Mask
from gpusim.memory.pattern import Pattern
from gpusim.native import native

_SPARSE = 64
"""Bytes of a pattern's range, for each lane, above which nobody looks whether its addresses differ."""


class _Region:
    """Bytes that are only loaded, only updated atomically, or (`op` "own") that no two lanes share.

    They are accessed at `pattern` + `shift` by lanes of `chunk`: always those of `mask`, or various if it is None.
    Where different patterns meet, `pattern` is None.
    """

    __slots__ = ("chunk", "mask", "op", "pattern", "shift")

    def __init__(self, access: Access) -> None:
        self.op = "own" if access.op == "store" else access.op
        self.pattern: Pattern | None = access.pattern
        self.shift = access.shift
        self.mask: Mask | None = access.mask
        self.chunk = access.chunk

    def takes(self, access: Access) -> bool:
        """Does an access fit to those before it? Then it is one of them."""
        op = access.op
        if self.pattern is access.pattern and self.shift == access.shift and self.chunk is access.chunk:
            if self.mask is not access.mask:
                self.mask = None
            if self.op == op:
                return True
            if distinct(access) if self.mask is access.mask else _all_distinct(access):
                self.op = "own"
                return True
            return False
        self.pattern = None
        return self.op == op


class Regions:
    """The regions of a buffer, none of which overlap."""

    def __init__(self) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []
        self._regions: list[_Region] = []

    def clear(self) -> None:
        self._lows.clear()
        self._highs.clear()
        self._regions.clear()

    def admit(self, access: Access) -> bool:
        """Is it certain that an access conflicts with none before it, nor with itself? Then it is entered."""
        low, high = reach(access)
        first = bisect_right(self._highs, low)
        last = bisect_left(self._lows, high)
        if first == last:
            if access.op == "store" and not distinct(access):
                return False
            self._replace(first, last, low, high, _Region(access))
            return True
        region = self._regions[first]
        if not region.takes(access):
            return False
        if last - first > 1:
            if any(other.op != region.op or region.op == "own" for other in self._regions[first + 1 : last]):
                return False
            region.pattern = None
        if last - first > 1 or low < self._lows[first] or high > self._highs[first]:
            self._replace(first, last, min(low, self._lows[first]), max(high, self._highs[last - 1]), region)
        return True

    def _replace(self, first: int, last: int, low: int, high: int, region: _Region) -> None:
        self._lows[first:last] = [low]
        self._highs[first:last] = [high]
        self._regions[first:last] = [region]


def reach(access: Access) -> tuple[int, int]:
    """The first byte that active lanes touch, and the one after the last; of shared memory, in their own block's."""
    pattern, shift = access.pattern, access.shift
    if pattern.uniform:
        return shift, shift + access.itemsize
    facts = pattern.facts(access.mask)
    known = facts.get("reach")
    if known is None:
        buffer, mask = access.buffer, access.mask
        instance = buffer.instance_bytes if buffer.space == "shared" else 0
        if mask.full and not instance:
            known = pattern.span
        else:
            known = _reach(pattern.vector, mask.bits, mask.threads_per_block, instance)
        facts["reach"] = known
    return known[0] + shift, known[1] + shift + access.itemsize


def distinct(access: Access) -> bool:
    """Does every active lane certainly have an element of its own?"""
    pattern, mask = access.pattern, access.mask
    if pattern.uniform:
        return mask.lanes == 1
    facts = pattern.facts(mask)
    known: bool | None = facts.get("distinct")
    if known is None:
        known = facts["distinct"] = _distinct(pattern, mask.bits, mask.full, access.itemsize)
    return known


def _all_distinct(access: Access) -> bool:
    """As `distinct` of all lanes, active or not."""
    pattern, mask = access.pattern, access.mask
    if pattern.uniform:
        return False
    known: bool | None = pattern.lasting.get("distinct")
    if known is None:
        known = pattern.lasting["distinct"] = _distinct(pattern, mask.bits, True, access.itemsize)
    return known


def _distinct(pattern: Pattern, bits: np.ndarray, full: bool, size: int) -> bool:
    low, high = pattern.span if full else _reach(pattern.vector, bits, bits.shape[0], 0)
    if _ascending(pattern.vector, bits, full, size):
        return True
    if high - low > _SPARSE * bits.shape[0] or size & (size - 1):
        return False
    seen = np.zeros(high - low + 1, dtype=np.bool_)
    return bool(_all_new(pattern.vector, bits, full, size, low, seen))


@native
def _reach(addresses: Any, bits: Any, threads: Any, instance: Any) -> Any:
    """The lowest and the highest address of active lanes, counted from the start of their block's memory."""
    nowhere = np.int64(1) << 62
    lowest, highest = nowhere, -nowhere
    for first in range(0, addresses.shape[0], threads):
        here, active = addresses[first : first + threads], bits[first : first + threads]
        low, high = nowhere, -nowhere
        for lane in range(here.shape[0]):
            low = min(low, here[lane] if active[lane] else nowhere)
            high = max(high, here[lane] if active[lane] else -nowhere)
        if low <= high:
            start = first // threads * instance
            lowest = min(lowest, low - start)
            highest = max(highest, high - start)
    return lowest, highest


@native
def _ascending(addresses: Any, bits: Any, full: Any, size: Any) -> Any:
    """Is every active lane's element behind those of the lanes before it?"""
    free = -(np.int64(1) << 62)
    for lane in range(bits.shape[0]):
        if full or bits[lane]:
            if addresses[lane] < free:
                return False
            free = addresses[lane] + size
    return True


@native
def _all_new(addresses: Any, bits: Any, full: Any, size: Any, low: Any, seen: Any) -> Any:
    """Does no active lane's element begin where another's does, and do all lie at multiples of their size?"""
    rest = -1
    for lane in range(bits.shape[0]):
        if full or bits[lane]:
            place = addresses[lane] - low
            if seen[place]:
                return False
            seen[place] = True
            if rest < 0:
                rest = place & (size - 1)
            if place & (size - 1) != rest:
                return False
    return True
