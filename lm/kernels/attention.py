"""Formula 2, causal attention, with the scores in global memory: scores, softmax, values.

    s_ij = q_i . k_j / sqrt(d)  for j <= i,  -infinity for j > i
    o_i  = sum_j softmax(s_i)_j v_j

Vaswani et al. 2017, equation 1 and section 3.2.3.  Queries, keys and values are [B, T, H, d]: a reshape of
the matrices [B T, D] that the projections write, so heads need no copying.  Scores are [B, H, T, T].
The softmax between the two kernels here is one of `lm.kernels.softmax` on the [B H T, T] rows.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import cuda, float32

from lm.kernels.operation import Block, Grid, Operation, tiles
from lm.kernels.softmax import softmax_reference

TILE = 16
PADDED = TILE + 1  # a tile that is read down its columns is this wide: no bank conflicts
MASKED = np.float32(-np.inf)


@cuda.jit
def attention_scores(scores, q, k):
    """scores[b, h, i, j] = q[b, i, h] . k[b, j, h] / sqrt(d) if j <= i else -infinity

    scores [B, H, T, T], q, k [B, T, H, d], float32.  A block makes TILE x TILE scores of one head.
    """
    q_tile = cuda.shared.array((TILE, TILE), float32)
    k_tile = cuda.shared.array((TILE, PADDED), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    length, heads, width = q.shape[1], q.shape[2], q.shape[3]
    batch, head = cuda.blockIdx.z // heads, cuda.blockIdx.z % heads
    first_i, first_j = cuda.blockIdx.y * TILE, cuda.blockIdx.x * TILE
    i, j = first_i + y, first_j + x

    total = float32(0)
    if first_j < first_i + TILE:  # the same for the whole block: some of its scores are not masked
        for start in range(0, width, TILE):
            in_q = i < length and start + x < width
            in_k = first_j + y < length and start + x < width
            q_tile[y, x] = q[batch, i, head, start + x] if in_q else float32(0)
            k_tile[y, x] = k[batch, first_j + y, head, start + x] if in_k else float32(0)
            cuda.syncthreads()
            for c in range(TILE):
                total += q_tile[y, c] * k_tile[x, c]
            cuda.syncthreads()

    if i < length and j < length:
        scores[batch, head, i, j] = total / math.sqrt(float32(width)) if j <= i else MASKED


@cuda.jit
def attention_values(out, weights, v):
    """out[b, i, h] = sum over j <= i of weights[b, h, i, j] v[b, j, h]

    out, v [B, T, H, d], weights [B, H, T, T], float32; weights above the diagonal must be 0.
    """
    weight_tile = cuda.shared.array((TILE, TILE), float32)
    v_tile = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    length, heads, width = v.shape[1], v.shape[2], v.shape[3]
    batch, head = cuda.blockIdx.z // heads, cuda.blockIdx.z % heads
    first_i = cuda.blockIdx.y * TILE
    i = first_i + y
    channel = cuda.blockIdx.x * TILE + x

    total = float32(0)
    for start in range(0, min(length, first_i + TILE), TILE):
        in_weights = i < length and start + x < length
        in_v = start + y < length and channel < width
        weight_tile[y, x] = weights[batch, head, i, start + x] if in_weights else float32(0)
        v_tile[y, x] = v[batch, start + y, head, channel] if in_v else float32(0)
        cuda.syncthreads()
        for j in range(TILE):
            total += weight_tile[y, j] * v_tile[j, x]
        cuda.syncthreads()

    if i < length and channel < width:
        out[batch, i, head, channel] = total


def attention_scores_reference(q: np.ndarray, k: np.ndarray) -> np.ndarray:
    """[B, T, H, d], [B, T, H, d] -> [B, H, T, T]"""
    length, width = q.shape[1], q.shape[3]
    scores = np.einsum("bihc,bjhc->bhij", q, k) / np.float32(math.sqrt(width))
    return np.where(np.tri(length, dtype=bool), scores, MASKED)


def attention_values_reference(weights: np.ndarray, v: np.ndarray) -> np.ndarray:
    """[B, H, T, T], [B, T, H, d] -> [B, T, H, d]"""
    return np.einsum("bhij,bjhc->bihc", weights, v)


def attention_reference(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Scores, softmax and values.  Three times [B, T, H, d] -> [B, T, H, d]"""
    return attention_values_reference(softmax_reference(attention_scores_reference(q, k)), v)


def launch_scores(scores: Any, *_: Any) -> tuple[Grid, Block]:
    """z is the head of a sequence (b H + h), x and y are tiles of its [T, T] scores."""
    batch, heads, length, _ = scores.shape
    return (tiles(length, TILE), tiles(length, TILE), batch * heads), (TILE, TILE, 1)


def launch_values(out: Any, *_: Any) -> tuple[Grid, Block]:
    """z is the head of a sequence (b H + h), y a tile of positions, x a tile of channels."""
    batch, length, heads, width = out.shape
    return (tiles(width, TILE), tiles(length, TILE), batch * heads), (TILE, TILE, 1)


_4D = "float32[:,:,:,::1]"
ATTENTION_SCORES = Operation(attention_scores, launch_scores, attention_scores_reference, f"void({_4D}, {_4D}, {_4D})")
ATTENTION_VALUES = Operation(attention_values, launch_values, attention_values_reference, f"void({_4D}, {_4D}, {_4D})")
