"""Embedding: a character's vector plus its position's.

    x[b T + t] = token[tokens[b, t]] + position[t]

Vaswani et al. 2017, section 3.4; the positions are learned, as in Radford et al. 2018 (GPT), section 3.1.
"""

from __future__ import annotations

import numpy as np
from numba import cuda

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


EMBED = Operation(
    embed,
    launch_elements,
    embed_reference,
    "void(float32[:,::1], int32[:,::1], float32[:,::1], float32[:,::1])",
)
