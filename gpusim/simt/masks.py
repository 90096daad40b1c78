"""Masks: which lanes of a chunk are active.

A mask is immutable and never empty; "no lane" is `None`. It knows how many lanes it has and in how
many warps they are, because every counter needs that.
"""

from __future__ import annotations

import numpy as np
from numba import njit


class Mask:
    """Active lanes: `bits` (bool, one per lane), their number, the number of warps they are in."""

    __slots__ = ("bits", "full", "lanes", "threads_per_block", "warps")

    def __init__(self, bits: np.ndarray, lanes: int, warps: int, threads_per_block: int) -> None:
        self.bits = bits
        self.lanes = lanes
        self.warps = warps
        self.threads_per_block = threads_per_block
        self.full = lanes == bits.shape[0]

    @staticmethod
    def everyone(blocks: int, threads_per_block: int) -> Mask:
        """All lanes of `blocks` thread blocks."""
        lanes = blocks * threads_per_block
        warps = blocks * -(-threads_per_block // 32)
        return Mask(np.ones(lanes, dtype=np.bool_), lanes, warps, threads_per_block)

    @staticmethod
    def of(bits: np.ndarray, threads_per_block: int) -> Mask | None:
        """The mask with these bits."""
        lanes, warps = _count(bits, threads_per_block)
        return Mask(bits, lanes, warps, threads_per_block) if lanes else None

    def split(self, condition: np.ndarray) -> tuple[Mask | None, Mask | None, int]:
        """(lanes where the condition holds, the other lanes, number of warps whose lanes disagree)."""
        yes = np.empty_like(self.bits)
        no = np.empty_like(self.bits)
        n_yes, w_yes, n_no, w_no = _split(self.bits, condition, self.threads_per_block, yes, no)
        if n_no == 0:
            return self, None, 0
        if n_yes == 0:
            return None, self, 0
        then = Mask(yes, n_yes, w_yes, self.threads_per_block)
        other = Mask(no, n_no, w_no, self.threads_per_block)
        return then, other, w_yes + w_no - self.warps

    def first(self) -> int:
        """The first active lane."""
        return int(np.argmax(self.bits))


def union(a: Mask | None, b: Mask | None) -> Mask | None:
    """Lanes of either mask."""
    if a is None or a is b:
        return b
    if b is None:
        return a
    return Mask.of(a.bits | b.bits, a.threads_per_block)


@njit(cache=True, nogil=True)
def _count(bits, threads):
    lanes = 0
    warps = 0
    for block in range(bits.shape[0] // threads):
        first = block * threads
        for start in range(first, first + threads, 32):
            n = 0
            for lane in range(start, min(start + 32, first + threads)):
                n += bits[lane]
            lanes += n
            warps += n > 0
    return lanes, warps


@njit(cache=True, nogil=True)
def _split(bits, condition, threads, yes, no):
    n_yes = w_yes = n_no = w_no = 0
    for block in range(bits.shape[0] // threads):
        first = block * threads
        for start in range(first, first + threads, 32):
            y = 0
            n = 0
            for lane in range(start, min(start + 32, first + threads)):
                a = bits[lane] & condition[lane]
                b = bits[lane] & (not condition[lane])
                yes[lane] = a
                no[lane] = b
                y += a
                n += b
            n_yes += y
            n_no += n
            w_yes += y > 0
            w_no += n > 0
    return n_yes, w_yes, n_no, w_no
