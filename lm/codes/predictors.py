"""Models as the coder sees them: asked for the next symbol's distribution, then told the symbol.

A predictor must compute the same floats when it compresses and when it expands, so both run the same calls in the same
order, one symbol at a time.  One of its symbols is the escape: it announces a unit that the model has no symbol for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np

from lm.ngrams.backoff import BackoffModel
from lm.ngrams.cursor import Cursor
from lm.text.stream import START, UNKNOWN

ESCAPE_CHANCE = 2.0**-16


class Predictor(Protocol):
    """Any model, symbol by symbol.  symbols: how many there are; escape: which one announces a new unit."""

    @property
    def symbols(self) -> int: ...

    @property
    def escape(self) -> int: ...

    def distribution(self) -> np.ndarray:
        """float64 [symbols], sums to one: p(next symbol | all symbols so far)."""

    def advance(self, symbol: int) -> None:
        """The next symbol was this one."""


class NgramPredictor:
    """An n-gram model; the escape is its unknown token."""

    escape = UNKNOWN

    def __init__(self, model: BackoffModel) -> None:
        self.symbols = len(model.base)
        self._cursor = Cursor(model)
        self._cursor.advance(START)

    def distribution(self) -> np.ndarray:
        return self._cursor.distribution()

    def advance(self, symbol: int) -> None:
        self._cursor.advance(symbol)


class TransformerPredictor:
    """A transformer of V characters; the escape is symbol V, with a fixed small probability.

    The symbols are cut into windows of the context, as in `lm.evaluation`: a window's first prediction sees one symbol.
    The very first symbol is predicted uniformly.
    """

    def __init__(self, logits: Callable[[np.ndarray], np.ndarray], vocabulary: int, context: int) -> None:
        """logits: int32 [1, T] -> float32 [1, T, V]."""
        self.symbols = vocabulary + 1
        self.escape = vocabulary
        self._logits = logits
        self._context = context
        self._window: list[int] = []

    def distribution(self) -> np.ndarray:
        p = np.full(self.symbols, ESCAPE_CHANCE)
        if not self._window:
            p[:-1] = 1 / self.escape
        else:
            last = self._logits(np.array([self._window], np.int32))[0, -1].astype(np.float64)
            weights = np.exp(last - last.max())
            p[:-1] = weights / weights.sum()
        p[:-1] *= 1 - ESCAPE_CHANCE
        return p

    def advance(self, symbol: int) -> None:
        """An escape is shown to the model as symbol 0."""
        shown = 0 if symbol == self.escape else symbol
        self._window = [shown] if len(self._window) == self._context else [*self._window, shown]
