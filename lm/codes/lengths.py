"""Code lengths and what they mean: Shannon's, and Kraft's inequality.

    length(x) = ceil(-log2 p(x))                     (Shannon 1948, section 9)
    sum over x of 2^-length(x) <= 1                  (Kraft 1949)

Lengths that satisfy the inequality are those of some code in which no word begins another; their mean is at least the
entropy, and Shannon's is less than a bit above it (Cover & Thomas, Elements of Information Theory, sections 5.2-5.4).
"""

from __future__ import annotations

import numpy as np


def entropy(p: np.ndarray) -> float:
    """-sum p log2 p, in bits; 0 log 0 is 0."""
    positive = p[p > 0]
    return max(0.0, float(-(positive * np.log2(positive)).sum()))


def cross_entropy(p: np.ndarray, q: np.ndarray) -> float:
    """-sum p log2 q, in bits: what symbols of p cost in the best code for q.  Infinite where q misses a symbol of p."""
    with np.errstate(divide="ignore"):
        return float(-(p[p > 0] * np.log2(q[p > 0])).sum())


def shannon_lengths(p: np.ndarray) -> np.ndarray:
    """int64: the code length of each symbol, in bits.  p: float64, all above 0."""
    _, exponent = np.frexp(p)  # p = mantissa 2^exponent, mantissa in [1/2, 1): exact where log2 would round
    return 1 - exponent.astype(np.int64)


def kraft_sum(lengths: np.ndarray) -> float:
    """sum 2^-length: at most 1 for the lengths of a code in which no word begins another."""
    return float((2.0 ** -np.asarray(lengths)).sum())


def code_words(lengths: np.ndarray) -> list[str]:
    """A word of zeros and ones of each length, none the beginning of another; the canonical code.

    Shorter words come first, and each is the binary fraction at which the ones before it end.  Raises ValueError where
    Kraft's inequality does not hold.
    """
    if kraft_sum(lengths) > 1:
        raise ValueError(f"no code has these lengths: their Kraft sum is {kraft_sum(lengths)}, above 1")
    words = [""] * len(lengths)
    number, width = 0, 0
    for symbol in np.argsort(lengths, kind="stable"):
        length = int(lengths[symbol])
        number <<= length - width
        width = length
        words[symbol] = format(number, f"0{length}b") if length else ""
        number += 1
    return words
