"""Add-k smoothing (Laplace 1814 for k = 1; Lidstone 1920): as if each token had followed each context k times more.

    p(w | h) = (c(h w) + k) / (c(h .) + k V)

Shorter contexts play no part (Jurafsky & Martin, Speech and Language Processing, section 3.6).
"""

from __future__ import annotations

import numpy as np

from lm.errors import LMError
from lm.ngrams.backoff import BackoffModel, Level
from lm.ngrams.counts import Grams


def add_k(orders: list[Grams], k: float) -> BackoffModel:
    """The model of the longest length of `orders`.  Raises LMError unless k is above 0."""
    if not 0 < k < float("inf"):
        raise LMError(f"k must be above 0, got {k}: else what was never seen is impossible")
    aside = [Level(grams, np.zeros(len(grams)), np.ones(grams.contexts)) for grams in orders[:-1]]
    grams = orders[-1]
    seen = orders[0].count > 0
    types = int(seen.sum()) + 1  # and one unknown
    context = grams.context
    total = np.bincount(context, grams.count, grams.contexts) + k * types
    return BackoffModel([*aside, Level(grams, grams.count / total[context], k * types / total)])
