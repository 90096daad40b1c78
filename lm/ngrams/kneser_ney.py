"""Modified Kneser-Ney smoothing (Chen & Goodman 1998, "An empirical study of smoothing techniques", section 3).

    p_n(w | h) = max(a(h w) - D(a(h w)), 0) / a(h .) + rest(h) p_{n-1}(w | h')
    rest(h)    = sum over w of D(a(h w)) / a(h .)

The adjusted count a of an n-gram of the greatest length is its count.  That of a shorter one is the number of different
tokens that precede it in the training text: a word that follows one word only ("Francisco") is no candidate elsewhere.
N-grams that begin with the sentence start have nothing before them and keep their counts.

Counts of 1, 2 and at least 3 have discounts of their own, for each length from t_j, its number of n-grams with a = j:

    Y = t_1 / (t_1 + 2 t_2),    D(j) = j - (j + 1) Y t_{j+1} / t_j

Every detail is as in KenLM's estimator (Heafield et al. 2013, "Scalable modified Kneser-Ney language model
estimation"); `tests/lm/ngrams/test_kenlm.py` compares every probability.  Two of them are in no paper.  Where a text is
too small, or too regular, for a length's discounts to be at least 0, they are its fallback 0.5, 1 and 1.5.  (So they
are here, too, where a discount of 0 leaves a context nothing for what never followed it; KenLM then writes a model that
it cannot read.)  And the t_j see one n-gram of each shorter length by its plain count: `counted`.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from lm.ngrams.backoff import BackoffModel, Level
from lm.ngrams.counts import Grams

FALLBACK = np.array([0, 0.5, 1.0, 1.5])


def kneser_ney(orders: list[Grams]) -> BackoffModel:
    """The model of counts of length 1 to `len(orders)`."""
    adjusted = adjusted_counts(orders)
    of_length = [discounts(counts) for counts in counted(orders, adjusted)]
    return BackoffModel([_level(*x) for x in zip(orders, adjusted, of_length, strict=True)])


def adjusted_counts(orders: list[Grams]) -> list[np.ndarray]:
    """int64 [grams] for each length."""
    adjusted = []
    for grams, longer in pairwise(orders):
        before = np.bincount(longer.suffix, minlength=len(grams))
        adjusted.append(np.where(grams.starts, grams.count, before))
    return [*adjusted, orders[-1].count]


def counted(orders: list[Grams], adjusted: list[np.ndarray]) -> list[np.ndarray]:
    """int64 [grams] for each length: the counts among which the t_j are counted.

    They are the adjusted ones, but for one n-gram of each shorter length: the type that appeared last in the text, it
    with the one before it that appeared last, and so on, not beyond a sentence's start.  These end KenLM's sorted
    lists, and its statistics see their plain counts (the last loop of `AdjustCounts::Run` in
    lm/builder/adjust_counts.cc).  Where that type occurs once, as in most texts, nothing changes.
    """
    result = [a.copy() for a in adjusted]
    last = int(np.flatnonzero(orders[0].count)[-1])
    for shorter, longer, counts in zip(orders, orders[1:], result, strict=False):
        counts[last] = shorter.count[last]
        longest = np.flatnonzero(longer.suffix == last)  # they differ in their first token only, and ascend by it
        if not longest.size:
            break
        last = int(longest[-1])
    return result


def discounts(adjusted: np.ndarray) -> np.ndarray:
    """float64 [4]: D(0) = 0, D(1), D(2), D(3 or more)."""
    t = np.bincount(np.minimum(adjusted, 5), minlength=6)
    j = np.arange(1, 4)
    less, of = (j + 1) * t[1] * t[2:5], t[1:4] * (t[1] + 2 * t[2])  # D(j) = j - less / of: whole numbers, no rounding
    return FALLBACK if (of == 0).any() or (less > j * of).any() else np.array([0, *(j - less / of)])


def _level(grams: Grams, adjusted: np.ndarray, of_count: np.ndarray) -> Level:
    context = grams.context
    discount = of_count[np.minimum(adjusted, 3)]
    total = np.bincount(context, adjusted, grams.contexts)
    taken = np.bincount(context, discount, grams.contexts)
    some = total > 0
    if (taken[some] == 0).any():
        return _level(grams, adjusted, FALLBACK)
    own = (adjusted - discount) / np.where(some, total, 1)[context]
    rest = np.where(some, taken / np.where(some, total, 1), 1.0)
    return Level(grams, own, rest)
