"""Formula 2, attention, whose scores never reach global memory.

A block has QUERIES queries of one head and goes through the keys in tiles.  For each query it keeps the
largest score m so far, the sum l of exp(score - m), and the sum o of exp(score - m) v; when a tile
raises m, l and o are multiplied by exp(old m - new m).  At the end the output is o / l.

Dao et al. 2022, "FlashAttention", algorithm 1 (its forward pass), which is the online softmax of Milakov &
Gimelshein 2018 with a second sum.  Global memory sees q, k, v and o only: 4 T d numbers and the re-reading
of k and v by each block of queries, instead of 5 passes over T^2 scores.  Shapes, shared heads and `ahead` are those
of `lm.kernels.attention`.

A query's row has LANES threads.  Thread x of it owns the keys x, x + LANES, ... of a tile and the channels
x, x + LANES, ... of the output: COLUMNS = 4 of each.  The tiles in shared memory are one element wider than
their content: threads that read down a column then find their words in different banks.
"""

from __future__ import annotations

import math
from typing import Any

from numba import cuda, float32

from lm.errors import LMError
from lm.kernels.attention import MASKED, attention_reference
from lm.kernels.operation import Block, Grid, Operation, tiles
from lm.kernels.rows import LOWEST

LANES = 8
COLUMNS = 4
QUERIES = LANES * COLUMNS  # queries of a block, and keys of a tile
HEAD_WIDTH = LANES * COLUMNS  # the widest head that fits
PADDED = QUERIES + 1


@cuda.jit
def attention(out, q, k, v, ahead):
    """out[b, i, h] = sum over j <= i + ahead of softmax(q[b, i, h] . k[b, :, g] / sqrt(d))[j] v[b, j, g], g = h G / H

    out, q [B, T, H, d], k, v [B, S, G, d], float32, d at most HEAD_WIDTH, ahead >= 0 int32.
    """
    q_tile = cuda.shared.array((QUERIES, PADDED), float32)
    k_tile = cuda.shared.array((QUERIES, PADDED), float32)
    v_tile = cuda.shared.array((QUERIES, PADDED), float32)
    p_tile = cuda.shared.array((QUERIES, PADDED), float32)
    partial = cuda.shared.array((QUERIES, LANES), float32)
    x, y = cuda.threadIdx.x, cuda.threadIdx.y
    length, heads, width = q.shape[1], q.shape[2], q.shape[3]
    keys = min(k.shape[1], length + ahead)  # later ones are seen by no query, and perhaps undefined
    batch, head = cuda.blockIdx.x // heads, cuda.blockIdx.x % heads
    shared = head * k.shape[2] // heads  # the head of keys and values that this head of queries uses
    first_i = cuda.blockIdx.y * QUERIES
    i = first_i + y
    last_j = min(i + ahead, keys - 1)  # the last key that this query sees
    scale = float32(1) / math.sqrt(float32(width))

    for start in range(0, HEAD_WIDTH, LANES):
        c = start + x
        q_tile[y, c] = q[batch, i, head, c] if i < length and c < width else float32(0)
    largest = LOWEST  # the literature's m
    total = float32(0)  # the literature's l
    o0 = o1 = o2 = o3 = float32(0)

    for first_j in range(0, min(keys, first_i + QUERIES + ahead), QUERIES):
        for start in range(0, HEAD_WIDTH, LANES):
            c = start + x
            inside = first_j + y < keys and c < width
            k_tile[y, c] = k[batch, first_j + y, shared, c] if inside else float32(0)
            v_tile[y, c] = v[batch, first_j + y, shared, c] if inside else float32(0)
        cuda.syncthreads()

        # Scores of this query with the keys x, x + LANES, ... of the tile.
        s0 = s1 = s2 = s3 = float32(0)
        for c in range(width):
            channel = q_tile[y, c]
            s0 += channel * k_tile[x, c]
            s1 += channel * k_tile[x + LANES, c]
            s2 += channel * k_tile[x + 2 * LANES, c]
            s3 += channel * k_tile[x + 3 * LANES, c]
        j = first_j + x
        s0 = s0 * scale if j <= last_j else MASKED
        s1 = s1 * scale if j + LANES <= last_j else MASKED
        s2 = s2 * scale if j + 2 * LANES <= last_j else MASKED
        s3 = s3 * scale if j + 3 * LANES <= last_j else MASKED

        # The row's new maximum, and what the sums so far must be multiplied by.
        partial[y, x] = max(max(s0, s1), max(s2, s3))
        cuda.syncthreads()
        larger = largest
        for lane in range(LANES):
            larger = max(larger, partial[y, lane])
        correction = math.exp(largest - larger)
        largest = larger
        total *= correction
        o0 *= correction
        o1 *= correction
        o2 *= correction
        o3 *= correction

        p_tile[y, x] = math.exp(s0 - largest)
        p_tile[y, x + LANES] = math.exp(s1 - largest)
        p_tile[y, x + 2 * LANES] = math.exp(s2 - largest)
        p_tile[y, x + 3 * LANES] = math.exp(s3 - largest)
        cuda.syncthreads()
        for column in range(QUERIES):
            p = p_tile[y, column]
            total += p
            o0 += p * v_tile[column, x]
            o1 += p * v_tile[column, x + LANES]
            o2 += p * v_tile[column, x + 2 * LANES]
            o3 += p * v_tile[column, x + 3 * LANES]
        cuda.syncthreads()  # before the next tile replaces this one

    if i < length:
        if x < width:
            out[batch, i, head, x] = o0 / total
        if x + LANES < width:
            out[batch, i, head, x + LANES] = o1 / total
        if x + 2 * LANES < width:
            out[batch, i, head, x + 2 * LANES] = o2 / total
        if x + 3 * LANES < width:
            out[batch, i, head, x + 3 * LANES] = o3 / total


def launch_attention(out: Any, *_: Any) -> tuple[Grid, Block]:
    """x is the head of a sequence (b H + h), y a tile of QUERIES queries; LANES threads per query.

    So neighbouring blocks have equally many tiles of keys before them.

    Raises LMError when a head is wider than HEAD_WIDTH.
    """
    batch, length, heads, width = out.shape
    if width > HEAD_WIDTH:
        raise LMError(
            f"the fused attention kernel takes heads up to {HEAD_WIDTH} wide and this model's are {width}: "
            "use the materialised one"
        )
    return (batch * heads, tiles(length, QUERIES), 1), (LANES, QUERIES, 1)


_4D = "float32[:,:,:,::1]"
ATTENTION = Operation(attention, launch_attention, attention_reference, f"void({_4D}, {_4D}, {_4D}, {_4D}, int32)")
