"""Embedding: a token's vector, plus its position's and its n-grams' where a model has such.

    embed             x[b T + t]  = token[tokens[b, t]] + position[t]
    embed_tokens      x[b T + t]  = token[tokens[b, t]]
    add_ngrams        x[b T + t] += table[ hash of the last n tokens ]

Vaswani et al. 2017, section 3.4; the positions are learned, as in Radford et al. 2018 (GPT), section 3.1.  The hash is
the one of `lm.hashing`.
"""

from __future__ import annotations

import numpy as np
from numba import cuda, int64

from lm.hashing import BASE, PRIME, hashed_rows
from lm.kernels.elements import launch_elements
from lm.kernels.operation import Operation


@cuda.jit
def embed(out, tokens, token, position):
    """out[b T + t, j] = token[tokens[b, t], j] + position[t, j]

    out [B T, D] float32, tokens [B, T] int32 in 0..V-1, token [V, D], position [at least T, D] float32.
    """
    column, row = cuda.grid(2)
    if row < out.shape[0] and column < out.shape[1]:
        length = tokens.shape[1]
        t = row % length
        out[row, column] = token[tokens[row // length, t], column] + position[t, column]


def embed_reference(tokens: np.ndarray, token: np.ndarray, position: np.ndarray) -> np.ndarray:
    """[B, T], [V, D], [T, D] -> [B T, D]"""
    return (token[tokens] + position[: tokens.shape[1]]).reshape(tokens.size, token.shape[1])


@cuda.jit
def embed_tokens(out, tokens, token):
    """out[b T + t, j] = token[tokens[b, t], j]

    out [B T, D] float32, tokens [B, T] int32 in 0..V-1, token [V, D] float32.
    """
    column, row = cuda.grid(2)
    if row < out.shape[0] and column < out.shape[1]:
        length = tokens.shape[1]
        out[row, column] = token[tokens[row // length, row % length], column]


def embed_tokens_reference(tokens: np.ndarray, token: np.ndarray) -> np.ndarray:
    """[B, T], [V, D] -> [B T, D]"""
    return token[tokens].reshape(tokens.size, token.shape[1])


@cuda.jit
def add_ngrams(x, tokens, table, order):
    """x[b T + t, j] += table[row, j], row = (sum over i < order of (tokens[b, s - i] + 1) A^i mod P) mod rows

    x [B T, D] float32 in place, tokens [B, S] int32, S >= T: the T last of them are the rows of x, s = S - T + t;
    table [rows, D] float32, order int32.  Tokens before the first add nothing to the sum.
    """
    column, row = cuda.grid(2)
    if row < x.shape[0] and column < x.shape[1]:
        length = x.shape[0] // tokens.shape[0]
        place = tokens.shape[1] - length + row % length
        total = int64(0)
        power = int64(1)
        for i in range(min(order, place + 1)):
            total = (total + (int64(tokens[row // length, place - i]) + 1) * power) % PRIME
            power = power * BASE % PRIME
        x[row, column] += table[total % table.shape[0], column]


def add_ngrams_reference(x: np.ndarray, tokens: np.ndarray, table: np.ndarray, order: int) -> np.ndarray:
    """[B T, D], [B, S], [rows, D] -> [B T, D]"""
    length = len(x) // len(tokens)
    rows = hashed_rows(tokens, order, len(table))[:, tokens.shape[1] - length :]
    return x + table[rows.reshape(-1)]


_MATRIX = "float32[:,::1]"
EMBED = Operation(embed, launch_elements, embed_reference, f"void({_MATRIX}, int32[:,::1], {_MATRIX}, {_MATRIX})")
EMBED_TOKENS = Operation(
    embed_tokens, launch_elements, embed_tokens_reference, f"void({_MATRIX}, int32[:,::1], {_MATRIX})"
)
ADD_NGRAMS = Operation(
    add_ngrams, launch_elements, add_ngrams_reference, f"void({_MATRIX}, int32[:,::1], {_MATRIX}, int32)"
)
