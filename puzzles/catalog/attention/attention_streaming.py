"""Causal attention that never stores a score.

The same attention without the t by t matrix: scores stay in registers. Let each thread go through the
keys and values once, with the online softmax. Besides the largest score and the sum of the exponentials
it keeps d running sums of exponential times value, in a local array that only this thread sees; when a
larger score turns up, all of them are multiplied by exp(old largest - new largest). At the end they are
divided by the sum. The width d is 8 here, because the size of a local array has to be a constant.
"""

import math

from numba import cuda, float32

from puzzles.numerics import causal_attention, shifted_keys
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output

D = 8


@cuda.jit
def kernel(out, q, k, v):
    i = cuda.grid(1)
    t = q.shape[0]
    query = cuda.local.array(D, float32)
    sums = cuda.local.array(D, float32)
    if i < t:
        for e in range(D):
            query[e] = q[i, e] / float32(math.sqrt(D))
            sums[e] = float32(0)
        largest = float32(-math.inf)
        total = float32(0)
        # HOLE: for each key up to i: its score; rescale what is there; add its share.
        for j in range(i + 1):
            score = float32(0)
            for e in range(D):
                score += query[e] * k[j, e]
            before = largest
            largest = max(largest, score)
            shrink = math.exp(before - largest)
            weight = math.exp(score - largest)
            total = total * shrink + weight
            for e in range(D):
                sums[e] = sums[e] * shrink + weight * v[j, e]
        # END HOLE
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
    sizes=({"t": 6, "d": D}, {"t": 1, "d": D}, {"t": 19, "d": D}),
    fresh={"t": (2, 30)},
    launch=lambda size: Launch((-(-size["t"] // 8),), (8,)),
    reference=causal_attention,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "t * d + d * t * (t + 1)",
            why="Each query is read once, and each pair (i, j) with j <= i takes one key and one value.",
        ),
        Limit("global stores", "t * d", why="Nothing but the result goes to global memory."),
        Limit("global stores of the busiest thread", "d", why="One query is one thread's work."),
    ),
    par=Par("global loads", naive="(4 * d + 2) * t * (t + 1) // 2", par="t * d + d * t * (t + 1)"),
    prediction=Prediction(
        "6 positions of width 8. How many elements are read from global memory?",
        384,
        "48 of the queries, and for each of the 21 pairs 8 of a key and 8 of a value. With the weights in memory it "
        "was 714: queries and weights were read again and again.",
        measured="global loads",
    ),
    hints=(
        "largest starts at minus infinity, and exp(-inf) is 0: the first key needs no special case.",
        "total and sums[e] are sums of the same exponentials, without and with the factor v[j, e]. Both "
        "shrink by the same factor when largest grows.",
        "Compute `shrink = math.exp(before - largest)` once for each key, not once for each channel.",
    ),
)
