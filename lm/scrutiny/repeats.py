"""Tokens that repeat an earlier bigram of their document, against the rest.

Where the token before was followed by this very token earlier on, copying would have been right; a model that looks far
back (by attention, by an induction head: Olsson et al. 2022) wins most of its bits here, and Markov models win nothing
(the split is that of Arora et al. 2024, "Zoology", section 3).
"""

from __future__ import annotations

import numpy as np


def repeated(tokens: np.ndarray, document: np.ndarray) -> np.ndarray:
    """bool [N]: the pair of this token and the one before occurred earlier in the same document.

    tokens, document   int [N]: token numbers and the document of each, documents one after the other
    """
    result = np.zeros(len(tokens), bool)
    place = 1 + np.flatnonzero(document[1:] == document[:-1])  # where the token before is in the same document
    pairs = np.stack([document[place], tokens[place - 1], tokens[place]])
    _, first, inverse = np.unique(pairs, axis=1, return_index=True, return_inverse=True)
    result[place] = first[inverse.reshape(-1)] < np.arange(len(place))
    return result
