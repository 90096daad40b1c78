"""The suffix array of a text: where each of its suffixes comes in the order of the dictionary.

By prefix doubling (Manber & Myers 1993): suffixes sorted by their first 1, 2, 4, ... tokens; the order by 2 m tokens is
that of pairs of ranks by m, a place's own and the one m further on.
"""

from __future__ import annotations

import numpy as np


def suffix_array(tokens: np.ndarray) -> np.ndarray:
    """int64 [N]: the starts of the suffixes of `tokens`, smallest suffix first, and shorter before longer."""
    size = len(tokens)
    order = np.argsort(tokens, kind="stable")
    rank = _ranks(tokens[order])[np.argsort(order, kind="stable")] if size else tokens
    step = 1
    while size and rank.max() < size - 1:
        further = np.zeros(size, np.int64)
        further[:-step] = rank[step:] + 1  # 0: the suffix has ended
        key = rank * (size + 1) + further
        order = np.argsort(key, kind="stable")
        rank = np.empty(size, np.int64)
        rank[order] = _ranks(key[order])
        step *= 2
    return order


def _ranks(ascending: np.ndarray) -> np.ndarray:
    """int64: the number of smaller distinct values before each one."""
    return np.concatenate([[0], np.cumsum(ascending[1:] != ascending[:-1])])
