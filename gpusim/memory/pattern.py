"""Patterns: where lanes access memory, up to a distance that is the same for all of them.

In `total += a[i, k] * b[k, j]` only k changes from one iteration to the next, and it is the same in all
lanes: the addresses of each load are one vector that stays, plus a distance that grows. So the vector is
computed once, moved by the cheapest means that its form allows, and what an observer has worked out about
it (bank conflicts, sectors) is remembered for all distances with the same consequences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.machine.masks import Mask
from gpusim.memory.buffer import SHIFTS, WORDS
from gpusim.memory.loops import (
    LANES,
    ROW_BYTES,
    ROWS,
    RUN_LANES,
    RUNS,
    extremes,
    form,
    gather,
    gather_active,
    gather_runs,
    per_lane,
    scatter,
)

if TYPE_CHECKING:
    from gpusim.memory.buffer import Buffer

_ROW_SHIFT = SHIFTS[ROW_BYTES]


class Pattern:
    """Byte offsets `vector` (int64, one per lane) in a buffer, from which accesses are a distance `shift` away.

    `uniform`: all lanes use the same address; then `vector` holds a single 0. The addresses of inactive lanes
    may be anywhere. All accesses of a pattern are to elements of the same size. `lasting` is for observers: what
    they have worked out about the addresses of all lanes, under keys of their own.
    """

    __slots__ = ("_facts", "_mask", "_pieces", "_span", "lasting", "uniform", "vector")

    def __init__(self, vector: np.ndarray, uniform: bool = False) -> None:
        self.vector = vector
        self.uniform = uniform
        self._span: tuple[int, int] | None = None
        self._mask: Mask | None = None
        self._facts: dict[Any, Any] = {}
        self.lasting: dict[Any, Any] = {}
        self._pieces: tuple[int, np.ndarray] | None = None

    @staticmethod
    def of(offset: int | np.ndarray) -> tuple[Pattern, int]:
        """The pattern and distance of an offset that is the same for all lanes, or a vector."""
        if isinstance(offset, np.ndarray):
            return Pattern(offset), 0
        return Pattern(per_lane(0), uniform=True), offset

    def at(self, shift: int) -> int | np.ndarray:
        """The addresses: one for all lanes, or an int64 vector."""
        if self.uniform:
            return shift
        return self.vector + shift if shift else self.vector

    def facts(self, mask: Mask) -> dict[Any, Any]:
        """As `lasting`, about the accesses of the lanes of `mask` only.

        It must follow from addresses, mask and element size alone, or be true of the view for ever.
        """
        if self._mask is not mask:
            self._mask = mask
            self._facts = {}
        return self._facts

    @property
    def span(self) -> tuple[int, int]:
        """The lowest and the highest offset of all lanes."""
        if self._span is None:
            self._span = extremes(self.vector)
        return self._span

    def units(self, size: int, shift: int) -> tuple[np.ndarray, int, int]:
        """The same bytes in larger pieces: their addresses (int64), how many lanes share each, and its bytes.

        Runs of lanes either share one element, or have elements that make up 16 bytes. Only for the accesses of
        all lanes.
        """
        kind, starts = self._pieces or self._find_pieces(size)
        if kind == RUNS:
            return starts + shift, RUN_LANES, size
        if kind == ROWS and not shift & ROW_BYTES - 1:
            return starts + shift, ROW_BYTES // size, ROW_BYTES
        return per_lane(self.at(shift)), 1, size

    def gather(self, buffer: Buffer, size: int, shift: int, mask: Mask) -> np.ndarray:
        """The words of 1, 2, 4, 8 or 16 bytes at the addresses; those of inactive lanes mean nothing."""
        words, log2 = buffer.words(size), SHIFTS[size]
        out = np.empty(self.vector.shape[0], dtype=words.dtype)
        low, high = self._span or self.span
        if low + shift < 0 or high + shift + size > buffer.storage.shape[0]:  # some inactive lane points elsewhere
            gather_active(words, log2, mask.bits, self.vector, shift, out)
            return out
        kind, starts = self._pieces or self._find_pieces(size)
        if kind == ROWS and not shift & ROW_BYTES - 1:
            gather(buffer.words(ROW_BYTES), _ROW_SHIFT, starts, shift, out.view(WORDS[ROW_BYTES]))
        elif kind == RUNS:
            gather_runs(words, log2, starts, shift, out)
        else:
            gather(words, log2, self.vector, shift, out)
        return out

    def scatter(self, buffer: Buffer, size: int, shift: int, mask: Mask, values: np.ndarray) -> None:
        """Write words: one for all lanes, or a vector."""
        kind, starts = self._pieces or self._find_pieces(size)
        if kind == ROWS and mask.full and not shift & ROW_BYTES - 1 and values.shape[0] > 1:
            rows = np.ascontiguousarray(values).view(WORDS[ROW_BYTES])
            scatter(buffer.words(ROW_BYTES), _ROW_SHIFT, mask.bits, True, starts, shift, rows)
        else:
            scatter(buffer.words(size), SHIFTS[size], mask.bits, mask.full, self.vector, shift, values)

    def _find_pieces(self, size: int) -> tuple[int, np.ndarray]:
        """How elements can be moved (see `access.form`), and the addresses of the pieces."""
        found = form(self.vector, size)
        starts = self.vector
        if found != LANES:
            starts = starts[:: ROW_BYTES // size if found == ROWS else RUN_LANES].copy()
        self._pieces = found, starts
        return self._pieces
