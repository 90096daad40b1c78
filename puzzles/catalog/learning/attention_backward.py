"""Backward of attention.

Forward it was p = softmax(q k^T / sqrt(d)) over j <= i and out = p v, and no p was kept: only lse[i], the logarithm of
the sum of exponentials of row i. That is enough, since p[i, j] = exp(q[i] . k[j] / sqrt(d) - lse[i]) for a single pair.
With delta[i] = dout[i] . out[i] and ds[i, j] = p[i, j] (dout[i] . v[j] - delta[i]), the gradients are
dq[i] = sum over j of ds[i, j] k[j] / sqrt(d), dk[j] = sum over i of ds[i, j] q[i] / sqrt(d), and
dv[j] = sum over i of p[i, j] dout[i]. `queries` gives each query a thread, which also writes its delta; `keys` gives
each key a thread. What the other side has comes through shared memory, a tile at a time, as in FlashAttention. Each p
is computed twice, and nothing is ever added to what another thread has written. The width d is 8.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import causal_weights
from puzzles.spec import (
    Array,
    Launch,
    Limit,
    Par,
    Prediction,
    Puzzle,
    Size,
    Tolerance,
    array,
    derived,
    output,
    scratch,
)

D = 8
LARGEST = 64


@cuda.jit
def queries(dq, delta, q, k, v, out, dout, lse):
    key_tile = cuda.shared.array((LARGEST, D), float32)
    value_tile = cuda.shared.array((LARGEST, D), float32)
    query = cuda.local.array(D, float32)
    gradient = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    i = cuda.grid(1)
    x = cuda.threadIdx.x
    t = q.shape[0]
    tile = cuda.blockDim.x
    scale = float32(1 / math.sqrt(D))
    own_delta = float32(0)
    own_lse = float32(0)
    for e in range(D):
        query[e] = q[i, e] * scale if i < t else float32(0)
        gradient[e] = dout[i, e] if i < t else float32(0)
        sums[e] = float32(0)
    # HOLE: this query's delta, which the other kernel needs as well, and its lse.
    if i < t:
        for e in range(D):
            own_delta += gradient[e] * out[i, e]
        delta[i] = own_delta
        own_lse = lse[i]
    # END HOLE
    for first in range(0, (cuda.blockIdx.x + 1) * tile, tile):
        # HOLE: thread x copies key and value first + x, if there is one; wait.
        if first + x < t:
            for e in range(D):
                key_tile[x, e] = k[first + x, e]
                value_tile[x, e] = v[first + x, e]
        cuda.syncthreads()
        # END HOLE
        # HOLE: p and ds of each key of the tile that i may see; ds times key into sums; wait.
        for j in range(first, min(min(first + tile, i + 1), t)):
            score = float32(0)
            dp = float32(0)
            for e in range(D):
                score += query[e] * key_tile[j - first, e]
                dp += gradient[e] * value_tile[j - first, e]
            ds = math.exp(score - own_lse) * (dp - own_delta)
            for e in range(D):
                sums[e] += ds * key_tile[j - first, e]
        cuda.syncthreads()
        # END HOLE
    if i < t:
        for e in range(D):
            dq[i, e] = sums[e] * scale


@cuda.jit
def keys(dk, dv, delta, q, k, v, dout, lse):
    query_tile = cuda.shared.array((LARGEST, D), float32)
    gradient_tile = cuda.shared.array((LARGEST, D), float32)
    row_tile = cuda.shared.array((LARGEST, 2), float32)
    key = cuda.local.array(D, float32)
    value = cuda.local.array(D, float32)
    key_sums = cuda.local.array(D, float32)
    value_sums = cuda.local.array(D, float32)
    j = cuda.grid(1)
    x = cuda.threadIdx.x
    t = q.shape[0]
    tile = cuda.blockDim.x
    scale = float32(1 / math.sqrt(D))
    for e in range(D):
        key[e] = k[j, e] * scale if j < t else float32(0)
        value[e] = v[j, e] if j < t else float32(0)
        key_sums[e] = float32(0)
        value_sums[e] = float32(0)
    for first in range(cuda.blockIdx.x * tile, t, tile):
        # HOLE: thread x copies query, gradient, lse and delta first + x, if there are such; wait.
        if first + x < t:
            for e in range(D):
                query_tile[x, e] = q[first + x, e]
                gradient_tile[x, e] = dout[first + x, e]
            row_tile[x, 0] = lse[first + x]
            row_tile[x, 1] = delta[first + x]
        cuda.syncthreads()
        # END HOLE
        # HOLE: p and ds of each query of the tile that may see j, into key_sums and value_sums; wait.
        for i in range(max(first, j), min(first + tile, t)):
            score = float32(0)
            dp = float32(0)
            for e in range(D):
                score += query_tile[i - first, e] * key[e]
                dp += gradient_tile[i - first, e] * value[e]
            p = math.exp(score - row_tile[i - first, 0])
            ds = p * (dp - row_tile[i - first, 1])
            for e in range(D):
                key_sums[e] += ds * query_tile[i - first, e]
                value_sums[e] += p * gradient_tile[i - first, e]
        cuda.syncthreads()
        # END HOLE
    if j < t:
        for e in range(D):
            dk[j, e] = key_sums[e] * scale
            dv[j, e] = value_sums[e]


def launches(size: Size) -> tuple[Launch, ...]:
    """The queries' side, which leaves delta behind, then the keys' side."""
    grid, block = (-(-size["t"] // size["tile"]),), (size["tile"],)
    return (
        Launch(grid, block, kernel="queries", arguments=("dq", "delta", "q", "k", "v", "out", "dout", "lse")),
        Launch(grid, block, kernel="keys", arguments=("dk", "dv", "delta", "q", "k", "v", "dout", "lse")),
    )


def log_sum_exp(q: Array, k: Array) -> Array:
    """log of the sum of exp(q[i] . k[j] / sqrt(d)) over j <= i.  (t, d) twice to (t,)"""
    scores = np.where(np.tri(len(q), dtype=bool), q @ k.T / np.sqrt(q.shape[1]), -np.inf)
    largest = scores.max(axis=1)
    return np.asarray(largest + np.log(np.exp(scores - largest[:, None]).sum(axis=1)))


def attention_backward(q: Array, k: Array, v: Array, out: Array, dout: Array, lse: Array) -> tuple[Array, Array, Array]:
    """Dao et al., "FlashAttention" (2022), appendix B.2, with p from the stored log-sum-exp."""
    scale = 1 / np.sqrt(q.shape[1])
    p = np.where(np.tri(len(q), dtype=bool), np.exp(q @ k.T * scale - lse[:, None]), 0)
    ds = p * (dout @ v.T - (dout * out).sum(axis=1)[:, None])
    return ds @ k * scale, ds.T @ q * scale, p.T @ dout


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("dq", "t d"),
        output("dk", "t d"),
        output("dv", "t d"),
        scratch("delta", "t"),
        array("q", "t d"),
        array("k", "t d"),
        array("v", "t d"),
        derived("out", "t d", of=lambda before: causal_weights(before["q"], before["k"]) @ before["v"]),
        array("dout", "t d"),
        derived("lse", "t", of=lambda before: log_sum_exp(before["q"], before["k"])),
    ),
    sizes=(
        {"t": 6, "d": D, "tile": 4},
        {"t": 1, "d": D, "tile": 4},
        {"t": 19, "d": D, "tile": 4},
        {"t": 33, "d": D, "tile": 32},
        {"t": 70, "d": D, "tile": LARGEST},
    ),
    fresh={"t": (2, 30)},
    launch=launches,
    reference=attention_backward,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "5 * t * d + t + 2 * d * sum(min(t, first + tile) for first in range(0, t, tile))"
            " + (2 * d + 2) * sum(t - first for first in range(0, t, tile))",
            why="A thread reads its own rows once, and a block each row of the other side that it needs once.",
        ),
        Limit("global stores", "3 * t * d + t", why="The gradients and delta: no scores, no weights."),
        Limit("global stores of the busiest thread", "2 * d", why="One query, or one key, is one thread's work."),
        Limit("global atomics", "0", why="Each gradient has one owner."),
    ),
    par=Par(
        "global loads",
        naive="5 * t * d + t + (4 * d + 2) * t * (t + 1) // 2",
        par="5 * t * d + t + 2 * d * sum(min(t, first + tile) for first in range(0, t, tile))"
        " + (2 * d + 2) * sum(t - first for first in range(0, t, tile))",
    ),
    prediction=Prediction(
        "How many global reads of k are there in both launches together, for t=6, d=8, tile=4?",
        128,
        "`queries` reads 4 keys for the first block and all 6 for the second, `keys` each key once: 16 rows of 8.",
        measured="global loads of k",
    ),
    hints=(
        "`queries` is the tiled attention without its online softmax: lse is known, so exp(score - own_lse) is the "
        "weight itself and nothing has to be rescaled.",
        "`keys` is its mirror image. Query i sees key j if i >= j, so the block of key j starts with its own tile and "
        "goes on to the end: range(max(first, j), min(first + tile, t)).",
        "For each pair: p = exp(score - lse), dp = dout[i] . v[j], ds = p * (dp - delta). Then dq[i] grows by ds k[j], "
        "dk[j] by ds q[i], dv[j] by p dout[i]; scale comes in once for the score and once for dq and dk.",
    ),
)
