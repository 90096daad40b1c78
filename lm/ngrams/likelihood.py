"""Maximum likelihood: the share of a context's occurrences that a token followed.

    p(w | h) = c(h w) / c(h .)

What never followed is impossible.  After a context that never occurred, the next shorter one decides.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.backoff import BackoffModel, Level
from lm.ngrams.counts import Grams


def maximum_likelihood(orders: list[Grams]) -> BackoffModel:
    """The model of counts of length 1 to `len(orders)`."""
    return BackoffModel([Level(grams, relative(grams), unseen(grams)) for grams in orders])


def relative(grams: Grams) -> np.ndarray:
    """float64 [grams]: c(h w) / c(h .)."""
    context = grams.context
    return grams.count / np.maximum(np.bincount(context, grams.count, grams.contexts), 1)[context]


def unseen(grams: Grams) -> np.ndarray:
    """float64 [contexts]: 1 for a context that nothing ever followed, 0 for others."""
    return (np.bincount(grams.context, grams.count, grams.contexts) == 0).astype(float)
