"""Top-k accuracy: how often the token is among the model's k likeliest.

Perplexity rewards probability, accuracy only the order; a model can gain one and lose the other.
"""

from __future__ import annotations

import numpy as np

from lm.ngrams.backoff import BackoffModel
from lm.ngrams.cursor import Cursor
from lm.text.stream import START


def ranks(model: BackoffModel, tokens: np.ndarray) -> np.ndarray:
    """int64 [tokens without START]: 1 + how many types the model finds likelier than the one that came.

    tokens   int [N], START first
    Equally likely types count as less likely, so a uniform model has all ranks 1; ties are rare in any other.
    """
    cursor = Cursor(model)
    result = []
    for token in tokens:
        if token != START:
            p = cursor.distribution()
            result.append(1 + int((p > p[token]).sum()))
        cursor.advance(int(token))
    return np.array(result)


def accuracy(rank: np.ndarray, k: int) -> float:
    """The share of ranks up to k."""
    return float((rank <= k).mean())
