"""Causal attention in tiles.

Neighbouring queries read the same keys and values. Let the threads of a block, one per query, copy as
many keys and values into shared memory, use them for all their queries, and go on to the next tile,
each thread with its online softmax. This is the idea of FlashAttention. A block with queries up to i
needs tiles up to the one that contains i. Lengths need not be multiples of the block; a thread without
a query still copies and still arrives at each barrier. Blocks have 4 threads in the examples, and up to
64.
"""

import math

from numba import cuda, float32

from puzzles.numerics import causal_attention, shifted_keys
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output

D = 8
LARGEST = 64


@cuda.jit
def kernel(out, q, k, v):
    i = cuda.grid(1)
    x = cuda.threadIdx.x
    t = q.shape[0]
    tile = cuda.blockDim.x
    keys = cuda.shared.array((LARGEST, D), float32)
    values = cuda.shared.array((LARGEST, D), float32)
    query = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    for e in range(D):
        query[e] = q[i, e] / float32(math.sqrt(D)) if i < t else float32(0)
        sums[e] = float32(0)
    largest = float32(-math.inf)
    total = float32(0)
    for first in range(0, (cuda.blockIdx.x + 1) * tile, tile):
        # HOLE: thread x copies key and value first + x, if there is one; wait.
        if first + x < t:
            for e in range(D):
                keys[x, e] = k[first + x, e]
                values[x, e] = v[first + x, e]
        cuda.syncthreads()
        # END HOLE
        # HOLE: the online softmax over the keys of this tile that i may see; wait.
        for j in range(first, min(first + tile, i + 1, t)):
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
            out[i, e] = sums[e] / total


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "t d"),
        array("q", "t d"),
        array("k", "t d", draw=shifted_keys),
        array("v", "t d"),
    ),
    sizes=(
        {"t": 6, "d": D, "tile": 4},
        {"t": 4, "d": D, "tile": 4},
        {"t": 19, "d": D, "tile": 4},
        {"t": 100, "d": D, "tile": LARGEST},
    ),
    fresh={"t": (1, 30)},
    launch=lambda size: Launch((-(-size["t"] // size["tile"]),), (size["tile"],)),
    reference=causal_attention,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "t * d + 2 * d * sum(min(t, last + tile) for last in range(0, t, tile))",
            why="A block reads its queries once, and each key and value up to its last query once.",
        ),
        Limit("global stores", "t * d", why="Nothing but the result goes to global memory."),
        Limit("global stores of the busiest thread", "d", why="One query is one thread's work."),
    ),
    par=Par(
        "global loads",
        naive="t * d + d * t * (t + 1)",
        par="t * d + 2 * d * sum(min(t, last + tile) for last in range(0, t, tile))",
    ),
    prediction=Prediction(
        "6 positions in two blocks of 4 threads. How many keys do both blocks together copy?",
        10,
        "Block 0 has the queries 0 to 3 and needs the keys up to 3; block 1 has the queries 4 and 5 and needs all six. "
        "A thread for itself would read 21.",
    ),
    hints=(
        "The outer loop has the same bounds for all threads of a block. That is what allows barriers inside it.",
        "The inner loop may differ from thread to thread: query i sees j from first up to, but not "
        "including, min(first + tile, i + 1, t). Key j of the whole sequence is row j - first of the tile.",
        "`keys[x, e] = k[first + x, e]` under a guard, a barrier outside it, the loop of the streaming puzzle, and a "
        "second barrier: it keeps a fast thread from overwriting the tile while a slow one still reads it.",
    ),
)
