"""From training text to a model: unit, mode, order and smoothing in one place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lm.errors import LMError
from lm.ngrams.add_k import add_k
from lm.ngrams.backoff import BackoffModel
from lm.ngrams.counts import Grams, count_grams
from lm.ngrams.interpolation import interpolated
from lm.ngrams.kneser_ney import kneser_ney
from lm.ngrams.likelihood import maximum_likelihood
from lm.perplexity import Bits
from lm.text.stream import START, Encoder

Smoothing = Literal["mkn", "add-k", "interp", "mle"]
SMOOTHINGS: tuple[Smoothing, ...] = ("mkn", "add-k", "interp", "mle")
HELD_OUT = 0.1


@dataclass(frozen=True)
class Fitted:
    """A model with the encoder that its text needs."""

    encoder: Encoder
    model: BackoffModel

    def probabilities(self, text: str) -> np.ndarray:
        """float64 [tokens]: p of each token of `text`.  Raises LMError for a text without tokens."""
        tokens = self.encoder.encode(text)
        p = self.model.probabilities(tokens)[tokens != START]
        if not p.size:
            raise LMError("the text has no tokens to predict: give a longer one")
        return p

    def bits(self, text: str) -> Bits:
        """What the model pays for `text`."""
        return Bits.of(self.probabilities(text), text)


def fit(
    train: str, encoder: Encoder, order: int, smoothing: Smoothing, k: float = 1.0, held_out: str | None = None
) -> Fitted:
    """Count `train` and smooth; the options are those of `count` and `smooth`."""
    orders, tokens = count(train, encoder, order, smoothing, held_out)
    return Fitted(encoder, smooth(orders, smoothing, k, tokens))


def count(
    train: str, encoder: Encoder, order: int, smoothing: Smoothing, held_out: str | None
) -> tuple[list[Grams], np.ndarray]:
    """The n-grams of `train` of length 1 to `order`, and the tokens that fit the weights of interp.

    held_out   the text of those; without one they are the last tenth of `train`, which is then not counted
    """
    if smoothing == "interp" and held_out is None:
        cut = int(len(train) * (1 - HELD_OUT))
        train, held_out = train[:cut], train[cut:]
    return count_grams(encoder.encode(train), encoder.numbers, order), encoder.encode(held_out or "")


def smooth(orders: list[Grams], smoothing: Smoothing, k: float, held_out: np.ndarray) -> BackoffModel:
    """The model of counts of length 1 to `len(orders)`.  k is read by add-k only, held_out by interp only."""
    if smoothing == "mkn":
        return kneser_ney(orders)
    if smoothing == "add-k":
        return add_k(orders, k)
    if smoothing == "interp":
        return interpolated(orders, held_out)
    return maximum_likelihood(orders)
