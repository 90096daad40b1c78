"""A model without a longest context: infini-gram (Liu et al. 2024, "Infini-gram: scaling unbounded n-gram models").

    p(w | h) = c(s w) / c(s .),   s: the longest suffix of h that something follows in the training text

No table holds all lengths.  The suffix array of the reversed training text answers instead: the occurrences of an
n-gram, read backwards, are one range of it, and those with one more token to the left are a range inside.

By itself the model calls most new continuations impossible, so it is mixed with a smoothed one:

    p = weight(length of s) p_unbounded + (1 - weight(length of s)) p_smoothed

with a weight for each length, fitted on held-out text by expectation maximisation.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.counts import since_start
from lm.ngrams.suffix_array import suffix_array
from lm.text.stream import START

LONGEST = 32  # contexts of this length or more share a weight
ROUNDS = 50
MOST = 1 - 1e-6  # of a weight, so that no token becomes impossible


class Unbounded:
    """The counts of all n-grams of a text.  tokens: int [N], START first."""

    def __init__(self, tokens: np.ndarray) -> None:
        self._text = tokens[::-1].astype(np.int64)
        self._order = suffix_array(self._text)
        self._end = int(np.flatnonzero(self._order == 0)[0])  # the suffix that begins with the text's last token

    @property
    def nbytes(self) -> int:
        """Memory of text and suffix array, in bytes."""
        return self._text.nbytes + self._order.nbytes

    def probabilities(self, tokens: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """float64 [N]: p of each token given all before it, back to the last START; int64 [N]: the length of s.

        tokens   int [N], START first.  START itself has p = 1 and length 0.
        """
        token, reach = tokens.astype(np.int64), since_start(tokens)
        size = len(token)
        p, length = np.ones(size), np.zeros(size, np.int64)
        first, last = np.zeros(size, np.int64), np.full(size, len(self._order))
        count = np.zeros(size, np.int64)  # of the n-gram that ends here
        # How often something follows the n - 1 tokens before: anything at all, to begin with.
        context = np.full(size, (self._text != START).sum())
        known = np.flatnonzero(token != START)  # positions whose context of n - 1 tokens occurs
        active = np.arange(size)  # positions whose n-gram may occur
        n = 1
        while known.size:
            wanted = token[active - (n - 1)]
            low, high = first[active], last[active]
            first[active] = self._search(low, high, wanted, n - 1)
            last[active] = self._search(low, high, wanted + 1, n - 1)
            count[active] = last[active] - first[active]
            p[known] = count[known] / context[known]
            length[known] = n - 1
            followed = count[active] - ((first[active] <= self._end) & (self._end < last[active]))
            onward = (followed > 0) & (active + 1 < size)
            known = active[onward] + 1
            context[known] = followed[onward]
            known = known[token[known] != START]
            active = active[(count[active] > 0) & (reach[active] >= n)]
            n += 1
        return p, length

    def _search(self, low: np.ndarray, high: np.ndarray, wanted: np.ndarray, depth: int) -> np.ndarray:
        """The first place in each range whose suffix has at `depth` at least the wanted token; all at once."""
        low, high = low.copy(), high.copy()
        size = len(self._text)
        while (still := low < high).any():
            middle = (low + high) // 2
            place = self._order[np.minimum(middle, size - 1)] + depth
            value = np.where(place < size, self._text[np.minimum(place, size - 1)], -1)
            less = value < wanted
            low = np.where(still & less, middle + 1, low)
            high = np.where(still & ~less, middle, high)
        return low


def fit_weights(unbounded: np.ndarray, length: np.ndarray, smoothed: np.ndarray) -> np.ndarray:
    """float64 [LONGEST + 1]: the weights of greatest likelihood; 0 for lengths that the held-out text lacks."""
    bucket = np.minimum(length, LONGEST)
    size = np.bincount(bucket, minlength=LONGEST + 1)
    weights = np.where(size > 0, 0.5, 0.0)
    for _ in range(ROUNDS):
        own = weights[bucket] * unbounded
        share = own / (own + (1 - weights[bucket]) * smoothed)
        weights = np.minimum(np.bincount(bucket, share, LONGEST + 1) / np.maximum(size, 1), MOST)
    return weights


def mixture(weights: np.ndarray, unbounded: np.ndarray, length: np.ndarray, smoothed: np.ndarray) -> np.ndarray:
    """float64 [N]: p of each token under the mixture."""
    weight = weights[np.minimum(length, LONGEST)]
    return weight * unbounded + (1 - weight) * smoothed
