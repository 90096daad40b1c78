"""The key-value cache as kernels: put new keys or values behind the old ones, and let one query a sequence read them.

    append            cache[b, first + t, g] = new[b, t, g]
    attention_decode  o = softmax(q K^T / sqrt(d)) V over the first `length` positions of the cache

Shazeer 2019, "Fast Transformer Decoding", section 2.4: a step of decoding reads all keys and values and computes
little, so what counts is to read each once, and neighbours together.  A block of LANES threads has the query of one
head and goes through the keys LANES at a time.  They come through shared memory, so that thread x can take the product
with key x; maximum and sum are kept as in `lm.kernels.fused_attention`; then thread x adds to the channels x,
x + LANES, .. of the output, reading the values from global memory, which no other thread needs.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numba import cuda, float32

from lm.errors import LMError
from lm.kernels.attention import MASKED, attention_reference
from lm.kernels.elements import HEIGHT, WIDTH
from lm.kernels.operation import Block, Grid, Operation, tiles
from lm.kernels.rows import LANES, LOWEST, SCRATCH, row_max, row_sum

HEAD_WIDTH = 4 * LANES  # the widest head that fits
PADDED = LANES + 1  # of a tile that is read down its columns: no bank conflicts


@cuda.jit
def append(cache, new, first):
    """cache[b, first + t, g] = new[b, t, g]

    cache [B, S, G, d], new [B, T, G, d], float32, first int32 with first + T <= S.
    """
    c, row = cuda.grid(2)  # row = (b T + t) G + g
    batch, length, heads, width = new.shape
    if c < width and row < batch * length * heads:
        head, position = row % heads, row // heads
        b, t = position // length, position % length
        cache[b, first + t, head, c] = new[b, t, head, c]


@cuda.jit
def attention_decode(out, q, k, v, length):
    """out[b, 0, h] = sum over j < length of softmax(q[b, 0, h] . k[b, :, g] / sqrt(d))[j] v[b, j, g], g = h G / H

    out, q [B, 1, H, d], k, v [B, S, G, d], float32, d at most HEAD_WIDTH, length <= S int32.
    """
    query = cuda.shared.array(HEAD_WIDTH, float32)
    k_tile = cuda.shared.array((LANES, PADDED), float32)
    weights = cuda.shared.array(LANES, float32)
    scratch = cuda.shared.array(SCRATCH, float32)
    x = cuda.threadIdx.x
    heads, width = q.shape[2], q.shape[3]
    batch, head = cuda.blockIdx.x // heads, cuda.blockIdx.x % heads
    shared = head * k.shape[2] // heads  # the head of keys and values that this head of queries uses
    scale = float32(1) / math.sqrt(float32(width))

    for c in range(x, HEAD_WIDTH, LANES):
        query[c] = q[batch, 0, head, c] * scale if c < width else float32(0)
    largest = LOWEST
    total = float32(0)
    o0 = o1 = o2 = o3 = float32(0)

    for first in range(0, length, LANES):
        score = float32(0)
        for start in range(0, width, LANES):
            cuda.syncthreads()  # everyone is done with the tile before
            for y in range(LANES):
                inside = first + y < length and start + x < width
                k_tile[y, x] = k[batch, first + y, shared, start + x] if inside else float32(0)
            cuda.syncthreads()
            for c in range(LANES):
                score += query[start + c] * k_tile[x, c]
        if first + x >= length:
            score = MASKED

        larger = max(largest, row_max(scratch, score))
        correction = math.exp(largest - larger)
        largest = larger
        weight = math.exp(score - largest)
        weights[x] = weight
        total = total * correction + row_sum(scratch, weight)  # its barriers also make the weights visible
        o0 *= correction
        o1 *= correction
        o2 *= correction
        o3 *= correction
        for j in range(min(LANES, length - first)):
            if x < width:
                o0 += weights[j] * v[batch, first + j, shared, x]
            if x + LANES < width:
                o1 += weights[j] * v[batch, first + j, shared, x + LANES]
            if x + 2 * LANES < width:
                o2 += weights[j] * v[batch, first + j, shared, x + 2 * LANES]
            if x + 3 * LANES < width:
                o3 += weights[j] * v[batch, first + j, shared, x + 3 * LANES]

    if x < width:
        out[batch, 0, head, x] = o0 / total
    if x + LANES < width:
        out[batch, 0, head, x + LANES] = o1 / total
    if x + 2 * LANES < width:
        out[batch, 0, head, x + 2 * LANES] = o2 / total
    if x + 3 * LANES < width:
        out[batch, 0, head, x + 3 * LANES] = o3 / total


def append_reference(cache: np.ndarray, new: np.ndarray, first: int) -> np.ndarray:
    """[B, S, G, d], [B, T, G, d] -> [B, S, G, d]"""
    out = cache.copy()
    out[:, first : first + new.shape[1]] = new
    return out


def attention_decode_reference(q: np.ndarray, k: np.ndarray, v: np.ndarray, length: int) -> np.ndarray:
    """[B, 1, H, d], [B, S, G, d] twice -> [B, 1, H, d]"""
    return attention_reference(q, k[:, :length], v[:, :length], length)


def launch_append(cache: Any, new: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each new number: x along the channels, y along positions and heads."""
    batch, length, heads, width = new.shape
    return (tiles(width, WIDTH), tiles(batch * length * heads, HEIGHT), 1), (WIDTH, HEIGHT, 1)


def launch_decode(out: Any, *_: Any) -> tuple[Grid, Block]:
    """x is the head of a sequence (b H + h); LANES threads each.

    Raises LMError when a head is wider than HEAD_WIDTH.
    """
    batch, _one, heads, width = out.shape
    if width > HEAD_WIDTH:
        raise LMError(f"the decoding kernel takes heads up to {HEAD_WIDTH} wide and this model's are {width}")
    return (batch * heads, 1, 1), (LANES, 1, 1)


_4D = "float32[:,:,:,::1]"
APPEND = Operation(append, launch_append, append_reference, f"void({_4D}, {_4D}, int32)")
ATTENTION_DECODE = Operation(
    attention_decode, launch_decode, attention_decode_reference, f"void({_4D}, {_4D}, {_4D}, {_4D}, int32)"
)
