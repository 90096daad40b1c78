"""A model that learns while it codes, so that nothing but the file has to be kept: prediction by partial matching.

    p_n(x | h) = max(c(h x) - D, 0) / c(h .) + D u(h) / c(h .) p_{n-1}(x | h'),     p_0(x) = 1 / 256

u(h) is the number of different symbols seen after h, D = 1/2 (PPM of Cleary & Witten 1984, with the discounts of its
method D, Howard 1993, read as interpolation).  A symbol is counted in its longest context first, and in shorter ones
only until it is no longer new there; so the counts of shorter contexts are, as in Kneser-Ney smoothing, numbers of
different contexts.
"""

from __future__ import annotations

import numpy as np

DISCOUNT = 0.5


class AdaptivePredictor:
    """Bytes, of which none is a surprise without a symbol; so the escape, symbol 256, never occurs."""

    symbols = 257
    escape = 256

    def __init__(self, order: int) -> None:
        """order: the longest context plus one."""
        self._longest = order - 1
        self._recent = b""
        self._seen: dict[bytes, dict[int, int]] = {}  # context: symbol: count

    def distribution(self) -> np.ndarray:
        p = np.full(self.symbols, 1 / 256)
        p[self.escape] = 0
        for length in range(len(self._recent) + 1):
            after = self._seen.get(self._recent[len(self._recent) - length :])
            if after is None:
                break
            count = np.fromiter(after.values(), np.float64, len(after))
            total = count.sum()
            p *= DISCOUNT * len(after) / total
            p[np.fromiter(after, np.int64, len(after))] += (count - DISCOUNT) / total
        return p

    def advance(self, symbol: int) -> None:
        for start in range(len(self._recent) + 1):
            after = self._seen.setdefault(self._recent[start:], {})
            known = symbol in after
            after[symbol] = after.get(symbol, 0) + 1
            if known:
                break
        recent = self._recent + bytes([symbol])
        self._recent = recent[len(recent) - self._longest :] if len(recent) > self._longest else recent
