"""Formula 1: perplexity, how many characters a model hesitates between.

    PPL = exp( -1/N  sum_{i=1..N}  log p(c_i | what precedes c_i) )

the exponential of the mean negative log likelihood (Jelinek et al. 1977, "Perplexity, a measure of the
difficulty of speech recognition tasks"; Jurafsky & Martin, Speech and Language Processing, chapter 3).
A model that gives each of V characters 1/V has perplexity V, a model that is always right has 1.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


def perplexity(negative_log_likelihoods: ArrayLike) -> float:
    """exp of the mean of the characters' negative log likelihoods, in nats.

    The mean is taken in float64.  Raises ValueError when there is nothing to average.
    """
    losses = np.asarray(negative_log_likelihoods, dtype=np.float64)
    if losses.size == 0:
        raise ValueError("perplexity needs at least one character's negative log likelihood, got none")
    return math.exp(losses.mean())


@dataclass(frozen=True)
class Bits:
    """The bits that a model pays for one text, and what they can be divided by.

    Perplexities compare only between models that cut the text into the same tokens; bits per character, word or byte of
    the text compare always: total = per_token tokens = per_word words = per_character characters = per_byte bytes.
    Words are what stands between white space; bytes are those of UTF-8.
    """

    total: float
    tokens: int
    words: int
    characters: int
    bytes: int

    @classmethod
    def of(cls, probabilities: ArrayLike, text: str) -> Bits:
        """-sum log2 p over the tokens of `text`; infinite where the model calls a token impossible."""
        p = np.asarray(probabilities, dtype=np.float64)
        with np.errstate(divide="ignore"):
            total = float(-np.log2(p).sum())
        return cls(total, p.size, len(text.split()), len(text), len(text.encode()))

    @property
    def perplexity(self) -> float:
        """2^(mean bits of a token); infinite beyond the range of a float."""
        mean = self.total / self.tokens
        return 2.0**mean if mean < sys.float_info.max_exp else math.inf

    def per(self, unit: str) -> float:
        """Bits per "token", "word", "character" or "byte"; nan for a text without such."""
        count = {"token": self.tokens, "word": self.words, "character": self.characters, "byte": self.bytes}[unit]
        return self.total / count if count else math.nan
