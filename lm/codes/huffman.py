"""Huffman's code: of all codes with a whole number of bits for each symbol the one with the least mean (Huffman 1952).

The two least probable subtrees become one, until there is one tree.  A symbol's word is the path to it: 0 to the left,
the more probable side, 1 to the right.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import numpy as np


@dataclass(frozen=True)
class Tree:
    """A leaf has a symbol, an inner node two children; p is the sum below."""

    p: float
    symbol: int | None = None
    children: tuple[Tree, Tree] | None = None

    def words(self, path: str = "") -> dict[int, str]:
        """The word of each symbol below."""
        if self.children is None:
            assert self.symbol is not None
            return {self.symbol: path}
        left, right = self.children
        return left.words(path + "0") | right.words(path + "1")

    def draw(self, names: Sequence[str], before: str = "", path: str = "") -> str:
        """The tree as lines of text: probabilities, and at the leaves names and words."""
        if self.children is None:
            assert self.symbol is not None
            return f"{self.p:.3f} {names[self.symbol]}  {path}"
        lines = [f"{self.p:.3f}"]
        for child, bit, branch, bar in zip(self.children, "01", ("├─", "└─"), ("│  ", "   "), strict=True):
            lines.append(f"{before}{branch}{bit} {child.draw(names, before + bar, path + bit)}")
        return "\n".join(lines)


def huffman(p: np.ndarray) -> Tree:
    """The tree of symbols 0, 1, ... with probabilities or counts p, at least one of them."""
    tie = count()  # equal probabilities: the older subtree first
    heap = [(float(x), next(tie), Tree(float(x), symbol)) for symbol, x in enumerate(p)]
    heapq.heapify(heap)
    while len(heap) > 1:
        small, large = heapq.heappop(heap)[2], heapq.heappop(heap)[2]
        both = Tree(small.p + large.p, children=(large, small))
        heapq.heappush(heap, (both.p, next(tie), both))
    return heap[0][2]


def huffman_lengths(p: np.ndarray) -> np.ndarray:
    """int64: the code length of each symbol, in bits; 0 for a symbol that is alone."""
    words = huffman(p).words()
    return np.array([len(words[symbol]) for symbol in range(len(p))])
