"""Formula 2, attention, with the scores in global memory: scores, softmax, values.

    s_ij = q_i . k_j / sqrt(d)  for j <= i + ahead,  -infinity for other j
    o_i  = sum_j softmax(s_i)_j v_j

Vaswani et al. 2017, equation 1 and section 3.2.3.  Queries are [B, T, H, d], keys and values [B, S, G, d]: reshapes
of the matrices that the projections write, so heads need no copying.  H / G heads of queries in a row share a head of
keys and values (Ainslie et al. 2023, grouped-query attention).  Scores are [B, H, T, N], N at most S: keys from N on
are not looked at, so S may be the capacity of a cache.  The softmax between the two kernels here is one of
`lm.kernels.softmax` on the [B H T, N] rows.

`ahead` is how far a query sees beyond the key of its own number: 0 is the causal mask, the number of keys before the
first query continues a sequence, and S - 1 or more hides nothing.
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
CAUSAL = np.int32(0)  # the `ahead` of queries that are as many as their keys


@cuda.jit
def attention_scores(scores, q, k, ahead):
    """scores[b, h, i, j] = q[b, i, h] . k[b, j, h G / H] / sqrt(d) if j <= i + ahead else -infinity

    scores [B, H, T, N], q [B, T, H, d], k [B, S, G, d], float32, N <= S, ahead >= 0 int32.  A block makes TILE x TILE
    scores of one head.
    """
    q_tile = cuda.shared.array((TILE, TILE), float32)
    k_tile = cuda.shared.array((TILE, PADDED), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    length, heads, width = q.shape[1], q.shape[2], q.shape[3]
    keys = scores.shape[3]
    batch, head = cuda.blockIdx.x // heads, cuda.blockIdx.x % heads
    shared = head * k.shape[2] // heads  # the head of keys that this head of queries uses
    first_i, first_j = cuda.blockIdx.z * TILE, cuda.blockIdx.y * TILE
    i, j = first_i + y, first_j + x

    total = float32(0)
    if first_j < first_i + TILE + ahead:  # the same for the whole block: some of its scores are not masked
        for start in range(0, width, TILE):
            in_q = i < length and start + x < width
            in_k = first_j + y < keys and start + x < width
            q_tile[y, x] = q[batch, i, head, start + x] if in_q else float32(0)
            k_tile[y, x] = k[batch, first_j + y, shared, start + x] if in_k else float32(0)
            cuda.syncthreads()
            for c in range(TILE):
                total += q_tile[y, c] * k_tile[x, c]
            cuda.syncthreads()

    if i < length and j < keys:
        scores[batch, head, i, j] = total / math.sqrt(float32(width)) if j <= i + ahead else MASKED


@cuda.jit
def attention_values(out, weights, v, ahead):
    """out[b, i, h] = sum over j <= i + ahead of weights[b, h, i, j] v[b, j, h G / H]

    out [B, T, H, d], weights [B, H, T, N], v [B, S, G, d], float32, N <= S, ahead >= 0 int32; weights of later j must
    be 0.
    """
    weight_tile = cuda.shared.array((TILE, TILE), float32)
    v_tile = cuda.shared.array((TILE, TILE), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    length, heads, width = out.shape[1], out.shape[2], out.shape[3]
    keys = weights.shape[3]
    batch, head = cuda.blockIdx.x // heads, cuda.blockIdx.x % heads
    shared = head * v.shape[2] // heads  # the head of values that this head of queries uses
    first_i = cuda.blockIdx.z * TILE
    i = first_i + y
    channel = cuda.blockIdx.y * TILE + x

    total = float32(0)
    for start in range(0, min(keys, first_i + TILE + ahead), TILE):
        in_weights = i < length and start + x < keys
        in_v = start + y < keys and channel < width
        weight_tile[y, x] = weights[batch, head, i, start + x] if in_weights else float32(0)
        v_tile[y, x] = v[batch, start + y, shared, channel] if in_v else float32(0)
        cuda.syncthreads()
        for j in range(TILE):
            total += weight_tile[y, j] * v_tile[j, x]
        cuda.syncthreads()

    if i < length and channel < width:
        out[batch, i, head, channel] = total


def attention_scores_reference(q: np.ndarray, k: np.ndarray, ahead: int, keys: int | None = None) -> np.ndarray:
    """[B, T, H, d], [B, S, G, d] -> [B, H, T, N], N = `keys`, or S"""
    k = _shared(k[:, :keys], q.shape[2])
    scores = np.einsum("bihc,bjhc->bhij", q, k) / np.float32(math.sqrt(q.shape[3]))
    return np.where(np.tri(q.shape[1], k.shape[1], ahead, dtype=bool), scores, MASKED)


def attention_values_reference(weights: np.ndarray, v: np.ndarray, ahead: int) -> np.ndarray:
    """[B, H, T, N], [B, S, G, d] -> [B, T, H, d]"""
    queries, keys = weights.shape[2:]
    seen = np.tri(queries, keys, ahead, dtype=np.float32)
    return np.einsum("bhij,bjhc->bihc", weights * seen, _shared(v[:, :keys], weights.shape[1]))


def attention_reference(q: np.ndarray, k: np.ndarray, v: np.ndarray, ahead: int) -> np.ndarray:
    """Scores, softmax and values.  [B, T, H, d], [B, S, G, d] twice -> [B, T, H, d]"""
    return attention_values_reference(softmax_reference(attention_scores_reference(q, k, ahead)), v, ahead)


def _shared(x: np.ndarray, heads: int) -> np.ndarray:
    """[B, S, G, d] -> [B, S, H, d]: each head of keys or values for H / G heads of queries in a row."""
    return np.repeat(x, heads // x.shape[2], axis=2)


def launch_scores(scores: Any, *_: Any) -> tuple[Grid, Block]:
    """x is the head of a sequence (b H + h), y and z are tiles of the columns and rows of its [T, N] scores."""
    batch, heads, length, keys = scores.shape
    return (batch * heads, tiles(keys, TILE), tiles(length, TILE)), (TILE, TILE, 1)


def launch_values(out: Any, *_: Any) -> tuple[Grid, Block]:
    """x is the head of a sequence (b H + h), y a tile of channels, z a tile of positions."""
    batch, length, heads, width = out.shape
    return (batch * heads, tiles(width, TILE), tiles(length, TILE)), (TILE, TILE, 1)


_4D = "float32[:,:,:,::1]"
_TYPES = f"void({_4D}, {_4D}, {_4D}, int32)"
ATTENTION_SCORES = Operation(attention_scores, launch_scores, attention_scores_reference, _TYPES)
ATTENTION_VALUES = Operation(attention_values, launch_values, attention_values_reference, _TYPES)
