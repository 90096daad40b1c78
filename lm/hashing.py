"""Hashed n-grams: a vector for the last n tokens, found by hashing them into a table of fixed size.

    row(t) = ( sum_{i < n} (token_{t-i} + 1) A^i  mod P ) mod rows,      x_t += table_n[row(t)]

A polynomial hash (Karp & Rabin 1987) into a table whose size does not depend on how many n-grams there are: n-grams
that meet in a row share its vector (Weinberger et al. 2009, "Feature hashing"; Mikolov et al. 2013 and Bojanowski et
al. 2017 for hashed n-gram embeddings).  Tokens before the sequence's first count as -1, so their terms vanish.

In 64-bit integers nothing overflows: a term is below 2^31 times (largest token + 1).
"""

from __future__ import annotations

import numpy as np

PRIME = 2_147_483_647  # 2^31 - 1
BASE = 1_000_003


def hashed_rows(tokens: np.ndarray, order: int, rows: int) -> np.ndarray:
    """The row of each position's last `order` tokens: [..., T] integers -> [..., T] int64 in 0..rows-1."""
    length = tokens.shape[-1]
    total = np.zeros(tokens.shape, np.int64)
    power = 1
    for i in range(min(order, length)):
        total[..., i:] = (total[..., i:] + (tokens[..., : length - i].astype(np.int64) + 1) * power) % PRIME
        power = power * BASE % PRIME
    return total % rows
