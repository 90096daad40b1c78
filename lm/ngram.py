"""The simplest language models: uniform, unigram, bigram.

A bigram model estimates p(b | a) from how often b followed a in the training text; a unigram model ignores
a; a uniform model ignores everything.  Counts are smoothed by adding `alpha` to each (Laplace 1814 for
alpha = 1, Lidstone 1920 for others; Jurafsky & Martin, Speech and Language Processing, section 3.6):

    p(b)     = (n(b)    + alpha) / (N    + alpha V)
    p(b | a) = (n(a, b) + alpha) / (n(a) + alpha V)

so no character is impossible and each distribution sums to 1.
"""

from __future__ import annotations

import numpy as np


def count_bigrams(numbers: np.ndarray, vocabulary: int) -> np.ndarray:
    """int32 [V, V]: entry [a, b] is how often b follows a in the sequence of character numbers."""
    pairs = numbers[:-1].astype(np.int64) * vocabulary + numbers[1:]
    return np.bincount(pairs, minlength=vocabulary**2).reshape(vocabulary, vocabulary).astype(np.int32)


def uniform(vocabulary: int) -> np.ndarray:
    """float64 [V, V]: 1 / V everywhere."""
    return np.full((vocabulary, vocabulary), 1 / vocabulary)


def unigram(bigrams: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """float64 [V, V]: p(b) in every row.  A character's count is how often it was a pair's second."""
    smoothed = bigrams.sum(axis=0) + alpha
    return np.broadcast_to(smoothed / smoothed.sum(), bigrams.shape)


def bigram(bigrams: np.ndarray, alpha: float = 1.0) -> np.ndarray:
    """float64 [V, V]: p(b | a) at [a, b]."""
    smoothed = bigrams + alpha
    return smoothed / smoothed.sum(axis=1, keepdims=True)


def negative_log_likelihoods(model: np.ndarray, numbers: np.ndarray) -> np.ndarray:
    """float64 [N]: -log p of each of the sequence's characters but the first, given the one before it."""
    return -np.log(model[numbers[:-1], numbers[1:]])
