"""The form of every smoothed n-gram model here: what a length adds, and what it leaves to the shorter one.

    p_0(w)     = 1 / V
    p_n(w | h) = own(h w) + rest(h) p_{n-1}(w | h without its first token)

own is a number for each n-gram of the training text and 0 for all others; rest is one for each context, and 1 for
contexts that the training text lacks.  If own and rest of each context sum to one, so does p.  V counts the types of
the training text and one unknown, which stands for all others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lm.ngrams.counts import Grams, since_start
from lm.text.stream import START, UNKNOWN


@dataclass(frozen=True)
class Level:
    """One length.  own: float64 [grams]; rest: float64 [contexts]."""

    grams: Grams
    own: np.ndarray
    rest: np.ndarray


class BackoffModel:
    """A language model of levels 1, 2, ..., each a Level.  Immutable.

    types     V
    base      float64 [token numbers]: p_0; 0 for START and what the training text never has
    unigram   float64 [token numbers]: p_1
    """

    def __init__(self, levels: list[Level]) -> None:
        self.levels = levels
        unigrams = levels[0]
        predicted = unigrams.grams.count > 0
        predicted[UNKNOWN] = True
        self.types = int(predicted.sum())
        self.base = np.where(predicted, 1 / self.types, 0.0)
        self.unigram = unigrams.own + unigrams.rest[0] * self.base

    @property
    def order(self) -> int:
        return len(self.levels)

    @property
    def nbytes(self) -> int:
        """Memory of the tables, in bytes."""
        arrays = [a for x in self.levels for a in (x.own, x.rest, x.grams.keys)]
        return sum(a.nbytes for a in arrays) + self.base.nbytes + self.unigram.nbytes

    def probabilities(self, tokens: np.ndarray) -> np.ndarray:
        """float64 [N]: p of each token given those before it, back to the last START; 1 for START itself.

        tokens   int [N], START first
        """
        return deque(self._rungs(tokens), maxlen=1).pop()

    def ladder(self, tokens: np.ndarray) -> np.ndarray:
        """float64 [order + 1, N]: the same for p_0, p_1, ... p_order."""
        return np.array(list(self._rungs(tokens)))

    def _rungs(self, tokens: np.ndarray) -> Iterator[np.ndarray]:
        token, reach = tokens.astype(np.int64), since_start(tokens)
        start = token == START
        yield np.where(start, 1.0, self.base[token])
        rung = np.where(start, 1.0, self.unigram[token])
        yield rung
        ending = token
        for length, level in enumerate(self.levels[1:], 2):
            context = np.full(len(token), -1)
            context[1:] = ending[:-1]
            context[reach < length - 1] = -1
            ending = level.grams.find(context, token)
            rung = _pick(level.own, ending, 0.0) + _pick(level.rest, context, 1.0) * rung
            yield rung


def _pick(values: np.ndarray, number: np.ndarray, otherwise: float) -> np.ndarray:
    """float64: values[number], and `otherwise` where the number is -1."""
    result = np.full(len(number), otherwise)
    known = number >= 0
    result[known] = values[number[known]]
    return result
