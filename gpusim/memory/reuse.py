"""Which patterns a view has been accessed with, so that most addresses need not be computed.

The index vectors of a kernel are never changed in place: a vector that is the same object as before holds the
same indices. One that is not may still be an old one plus a distance (`a[i + 1]` after `a[i]`, or the same
line in the next chunk of blocks), which costs one look at it to find out, and spares all that follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from weakref import ref

import numpy as np

from gpusim.machine.masks import Mask
from gpusim.memory.loops import distance, index_vector, inside

if TYPE_CHECKING:
    from gpusim.memory.pattern import Pattern

INTEGERS = frozenset(np.dtype(code).type for code in np.typecodes["AllInteger"])
"""The types of indices that are the same in all lanes."""

_PATTERNS = 4
"""Patterns of a view that are kept for comparison."""

_INDICES = 16
"""Combinations of index vectors of a view that are known by identity."""

Ranges = tuple[tuple[int, int] | None, ...]
"""The lowest and the highest index in each dimension; None for a dimension whose index is uniform."""


class _Known(NamedTuple):
    """What certain index vectors stand for: a pattern, at a distance, for the lanes of a mask (None: of any)."""

    pattern: Pattern
    shift: int
    mask: Mask | None
    vectors: tuple[ref[np.ndarray] | None, ...]


class _Source(NamedTuple):
    """The index vectors that a pattern was made from, with their ranges in all lanes, and its first distance."""

    pattern: Pattern
    shift: int
    vectors: tuple[np.ndarray | None, ...]
    ranges: Ranges


class Reuse:
    """The patterns of one view."""

    __slots__ = ("_known", "_last", "_sources")

    def __init__(self) -> None:
        self._known: dict[tuple[int, ...], _Known] = {}
        self._last: _Known | None = None
        self._sources: list[_Source] = []

    def find(
        self, index: tuple[Any, ...], shape: tuple[Any, ...], strides: tuple[int, ...], mask: Mask
    ) -> tuple[Pattern, int] | None:
        """The pattern and distance of an index inside the array, if its vectors are known."""
        last = self._last
        if last is None:
            return None
        shift = _shift(last, index, shape, strides, mask)
        if shift is None:
            known = self._known.get(_key(index))
            if known is None or known is last:
                return None
            last = self._last = known
            shift = _shift(last, index, shape, strides, mask)
            if shift is None:
                return None
        return last.pattern, shift

    def find_moved(
        self, index: tuple[Any, ...], shape: tuple[Any, ...], strides: tuple[int, ...], mask: Mask
    ) -> tuple[Pattern, int] | None:
        """As `find` for vectors that are known ones plus a distance."""
        for source in reversed(self._sources):
            shift = source.shift
            uniform = 0
            limit = None
            for item, vector, span, extent, stride in zip(
                index, source.vectors, source.ranges, shape, strides, strict=True
            ):
                if type(item) is not np.ndarray:
                    if vector is not None or not 0 <= int(item) < extent:
                        break
                    uniform += int(item) * stride
                    continue
                if vector is None or span is None:
                    break
                numbers = index_vector(item)
                moved, apart = (True, 0) if item is vector else distance(index_vector(vector), numbers)
                if not moved:
                    break
                if span[0] + apart < 0 or span[1] + apart >= extent:
                    if mask.full or not inside(mask.bits, numbers, extent):
                        break
                    limit = mask
                shift += apart * stride
            else:
                self._learn(index, source.pattern, shift, limit)
                return source.pattern, shift + uniform
        return None

    def remember(self, index: tuple[Any, ...], pattern: Pattern, shift: int, ranges: Ranges, mask: Mask | None) -> None:
        """An index was resolved; `shift` leaves out its uniform parts. `mask`: the only lanes that are inside."""
        self._learn(index, pattern, shift, mask)
        if not pattern.uniform:
            vectors = tuple([item if type(item) is np.ndarray else None for item in index])
            self._sources.append(_Source(pattern, shift, vectors, ranges))
            if len(self._sources) > _PATTERNS:
                del self._sources[0]

    def _learn(self, index: tuple[Any, ...], pattern: Pattern, shift: int, mask: Mask | None) -> None:
        known = self._known
        if len(known) >= _INDICES:
            del known[next(iter(known))]
        vectors = tuple([ref(item) if type(item) is np.ndarray else None for item in index])
        self._last = known[_key(index)] = _Known(pattern, shift, mask, vectors)


def _key(index: tuple[Any, ...]) -> tuple[int, ...]:
    return tuple([id(item) if type(item) is np.ndarray else 0 for item in index])


def _shift(
    known: _Known, index: tuple[Any, ...], shape: tuple[Any, ...], strides: tuple[int, ...], mask: Mask
) -> int | None:
    """The distance of an index with exactly these vectors, whose uniform parts are inside."""
    _, shift, known_mask, vectors = known
    if len(index) != len(vectors):
        return None
    for item, vector, extent, stride in zip(index, vectors, shape, strides):  # noqa: B905 (all of one length)
        if vector is None:
            if type(item) not in INTEGERS:
                return None
            k = int(item)
            if not 0 <= k < extent:
                return None
            shift += k * stride
        elif vector() is not item:
            return None
    if known_mask is not None and not mask.within(known_mask):
        return None
    return shift
