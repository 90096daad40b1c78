"""Heads that share their keys.

Causal attention with several heads: four query heads each share one head of keys and values, which makes the memory of
a conversation four times smaller (Ainslie et al., 2023, "GQA"; all heads share one in Shazeer, 2019). Head h of q uses
head h // 4 of k and v. A block has 16 x 4 threads: x is the query's position in a tile of 16, y the query head in its
group. All 64 threads copy a tile of 16 keys and values, one for all four heads, and then each goes on as in attention
in tiles. So keys and values are read once a group, not once a head.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import causal_attention, shifted_keys
from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output

D = 8
TILE = 16
GROUP = 4


@cuda.jit
def kernel(out, q, k, v):
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    i = cuda.blockIdx.x * TILE + x
    group = cuda.blockIdx.y
    head = group * GROUP + y
    t = q.shape[1]
    keys = cuda.shared.array((TILE, D), float32)
    values = cuda.shared.array((TILE, D), float32)
    query = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    for e in range(D):
        query[e] = q[head, i, e] / float32(math.sqrt(D)) if i < t else float32(0)
        sums[e] = float32(0)
    largest = float32(-math.inf)
    total = float32(0)
    for first in range(0, (cuda.blockIdx.x + 1) * TILE, TILE):
        # HOLE: the threads (x, y) of all heads copy key and value first + x together; wait.
        if first + x < t:
            for e in range(y, D, GROUP):
                keys[x, e] = k[group, first + x, e]
                values[x, e] = v[group, first + x, e]
        cuda.syncthreads()
        # END HOLE
        # HOLE: the online softmax over the keys of this tile that i may see; wait.
        for j in range(first, min(min(first + TILE, i + 1), t)):
            score = float32(0)
            for e in range(D):
                score += query[e] * keys[j - first, e]
            before = largest
            largest = max(largest, score)
            shrink = math.exp(before - largest)
            weight = math.exp(score - largest)
            total = total * shrink + weight
            for e in range(D):
                sums[e] = sums[e] * shrink + weight * values[j - first, e]
        cuda.syncthreads()
        # END HOLE
    if i < t:
        for e in range(D):
            out[head, i, e] = sums[e] / total


def grouped_attention(q: Array, k: Array, v: Array) -> Array:
    """(4 g, t, d), (g, t, d), (g, t, d) -> (4 g, t, d)."""
    return np.stack([causal_attention(q[head], k[head // GROUP], v[head // GROUP]) for head in range(len(q))])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "4*groups t 8"),
        array("q", "4*groups t 8"),
        array("k", "groups t 8", draw=shifted_keys),
        array("v", "groups t 8"),
    ),
    sizes=({"groups": 1, "t": 16}, {"groups": 2, "t": 1}, {"groups": 2, "t": 17}, {"groups": 1, "t": 33}),
    fresh={"groups": (1, 2), "t": (2, 40)},
    launch=lambda size: Launch((-(-size["t"] // TILE), size["groups"]), (TILE, GROUP)),
    reference=grouped_attention,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "32 * groups * t + 16 * groups * sum(min(t, last + 16) for last in range(0, t, 16))",
            why="Each query once; a block reads each key and value up to its last query once, for all four heads.",
        ),
        Limit("global stores", "32 * groups * t", why="Nothing but the result goes to global memory."),
        Limit("global stores of the busiest thread", "8", why="One query of one head is one thread's work."),
        Limit("barriers", "2 * groups * sum(range(ceil(t / 16) + 1))", why="Two a tile."),
    ),
    par=Par("global loads", naive="groups * (32 * t + 4 * 16 * t)", par="groups * (32 * t + 16 * t)"),
    prediction=Prediction(
        "One group, 16 positions: one block. How many elements of k do its 64 threads read?",
        128,
        "16 keys of width 8, once for all four heads. Four blocks, one for each head, would read 512.",
        measured="global loads of k",
    ),
    hints=(
        "There are 64 threads and a tile of 16 x 8 elements of k, and of v: two of each for every thread.",
        "Thread (x, y) copies row first + x, and of it the channels y and y + 4. A thread without a query still "
        "arrives at each barrier.",
        "`for e in range(y, D, GROUP): keys[x, e] = k[group, first + x, e]`, the same for v, and "
        "`cuda.syncthreads()` outside the guard.",
    ),
)
