"""An n-gram model walked token by token: the distribution of the next token, without searching for its context anew.

A cursor remembers the numbers of the n-grams that end at its place.  What follows an n-gram is a range of the table of
the next length, so a distribution is one pass over at most `order` ranges, and a step one binary search in each.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.backoff import BackoffModel
from lm.text.stream import START


class Cursor:
    """A place in a text.  Starts without any context; advance over START to begin a text or sentence."""

    def __init__(self, model: BackoffModel) -> None:
        self._model = model
        self._longer = model.levels[1:]
        self._begin = []
        for level in self._longer:
            edges = np.arange(level.grams.contexts + 1) * level.grams.types
            self._begin.append(np.searchsorted(level.grams.keys, edges))
        self._token = [level.grams.token for level in self._longer]
        self._ending: list[int] = []  # numbers of the n-grams of 1, 2, ... tokens that end here, while they occur

    def distribution(self) -> np.ndarray:
        """float64 [token numbers], sums to one: p of the next token."""
        p = self._model.unigram.copy()
        for level, begin, token, number in zip(self._longer, self._begin, self._token, self._ending, strict=False):
            first, last = begin[number], begin[number + 1]
            p *= level.rest[number]
            p[token[first:last]] += level.own[first:last]
        return p

    def advance(self, token: int) -> None:
        """The next token was this one."""
        if token == START:
            self._ending = [START]
            return
        ending = [token]
        for begin, tokens, number in zip(self._begin[:-1], self._token, self._ending, strict=False):
            first, last = begin[number], begin[number + 1]
            place = first + int(np.searchsorted(tokens[first:last], token))
            if place == last or tokens[place] != token:
                break
            ending.append(place)
        self._ending = ending
