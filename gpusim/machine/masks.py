"""Masks: which lanes of a chunk are active.

A mask is immutable and never empty; "no lane" is `None`. It knows how many lanes it has and in how
many warps they are, because every counter needs that.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.native import native


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
        _split(self.bits, condition, yes, no)
        n_yes, w_yes = _count(yes, self.threads_per_block)
        if n_yes == self.lanes:
            return self, None, 0
        if n_yes == 0:
            return None, self, 0
        n_no, w_no = _count(no, self.threads_per_block)
        then = Mask(yes, n_yes, w_yes, self.threads_per_block)
        other = Mask(no, n_no, w_no, self.threads_per_block)
        return then, other, w_yes + w_no - self.warps

    def within(self, other: Mask) -> bool:
        """Are all these lanes among those of another mask of the same chunk?"""
        return self is other or (self.lanes <= other.lanes and bool(_within(self.bits, other.bits)))

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


@native
def _within(bits: Any, others: Any) -> Any:
    beyond: bool | np.bool_ = False
    for lane in range(bits.shape[0]):
        beyond |= bits[lane] & (not others[lane])
    return not beyond


_BYTES = np.uint64(0x0101010101010101)
_TOP = np.uint64(56)


_NO_WORDS = np.zeros(0, dtype=np.uint64)


def _count(bits: np.ndarray, threads: int) -> tuple[int, int]:
    return _count_in(bits, _NO_WORDS if threads % 32 else bits.view(np.uint64), threads)


@native
def _count_in(bits: Any, words: Any, threads: Any) -> Any:
    """(active lanes, warps with one); `words` are the bits in groups of eight, if warps are whole"""
    lanes = 0
    warps = 0
    if words.shape[0]:  # a warp's bits are four words, which can be added as one
        for k in range(0, words.shape[0], 4):
            sums = words[k] + words[k + 1] + words[k + 2] + words[k + 3]
            lanes += int((sums * _BYTES) >> _TOP)
            warps += sums != 0
        return lanes, warps
    for block in range(bits.shape[0] // threads):
        end = (block + 1) * threads
        for start in range(block * threads, end, 32):
            n = 0
            for lane in range(start, min(start + 32, end)):
                n += bits[lane]
            lanes += n
            warps += n > 0
    return lanes, warps


@native
def _split(bits: Any, condition: Any, yes: Any, no: Any) -> Any:
    for lane in range(bits.shape[0]):
        yes[lane] = bits[lane] & condition[lane]
        no[lane] = bits[lane] & (not condition[lane])
