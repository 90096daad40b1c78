"""Formula 1: perplexity, how many characters a model hesitates between.

    PPL = exp( -1/N  sum_{i=1..N}  log p(c_i | what precedes c_i) )

the exponential of the mean negative log likelihood (Jelinek et al. 1977, "Perplexity, a measure of the
difficulty of speech recognition tasks"; Jurafsky & Martin, Speech and Language Processing, chapter 3).
A model that gives each of V characters 1/V has perplexity V, a model that is always right has 1.
"""

from __future__ import annotations

import math

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
