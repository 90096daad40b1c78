"""Causal attention with its weights in memory.

One head of attention for t positions. Position i looks at positions j <= i. Its scores are the inner
products of q[i] with each k[j], divided by sqrt(d); softmax turns the scores into weights; out[i] is
the sum of v[j] times its weight. Write the matrix of weights to global memory as well, with zeros to
the right of the diagonal. One thread works on one position, and softmax is again to be taken relative
to the largest score.
"""

import math

from numba import cuda, float32

from puzzles.numerics import causal_weights, shifted_keys
from puzzles.spec import Launch, Limit, Prediction, Puzzle, Tolerance, array, output


@cuda.jit
def kernel(out, weights, q, k, v):
    i = cuda.grid(1)
    t, d = q.shape
    scale = float32(1) / math.sqrt(float32(d))
    if i < t:
        # HOLE: scores of j <= i into weights[i, j], and the largest of them.
        largest = float32(-math.inf)
        for j in range(i + 1):
            score = float32(0)
            for e in range(d):
                score += q[i, e] * k[j, e]
            weights[i, j] = score * scale
            largest = max(largest, score * scale)
        # END HOLE
        # HOLE: exponentials and their sum; zeros beyond the diagonal.
        total = float32(0)
        for j in range(i + 1):
            weight = math.exp(weights[i, j] - largest)
            weights[i, j] = weight
            total += weight
        for j in range(i + 1, t):
            weights[i, j] = float32(0)
        # END HOLE
        # HOLE: divide by the sum; then row i of out.
        for j in range(i + 1):
            weights[i, j] /= total
        for e in range(d):
            mean = float32(0)
            for j in range(i + 1):
                mean += weights[i, j] * v[j, e]
            out[i, e] = mean
        # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "t d"),
        output("weights", "t t"),
        array("q", "t d"),
        array("k", "t d", draw=shifted_keys),
        array("v", "t d"),
    ),
    sizes=({"t": 6, "d": 3}, {"t": 1, "d": 4}, {"t": 10, "d": 8}),
    fresh={"t": (2, 24), "d": (1, 10)},
    launch=lambda size: Launch((-(-size["t"] // 8),), (8,)),
    reference=lambda q, k, v: (causal_weights(q, k) @ v, causal_weights(q, k)),
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "(4 * d + 2) * t * (t + 1) // 2",
            why="A pair (i, j) takes d reads each of q, k, v and weights, and two more for exp and division.",
        ),
        Limit("global stores", "t * d + t * t + t * (t + 1)", why="A weight is written at most three times."),
    ),
    prediction=Prediction(
        "How many pairs of a query i and a key j does causal attention over 6 positions compare?",
        21,
        "Query i sees the i + 1 keys from 0 to i: 1 + 2 + 3 + 4 + 5 + 6. A mask over all 36 pairs would waste 15.",
    ),
    hints=(
        "There are t * (t + 1) / 2 pairs with j <= i: loop over `range(i + 1)` and the mask takes care of itself.",
        "weights[i, :] belongs to this thread alone. It can hold first the scores, then the exponentials, then the "
        "weights, without any barrier: the softmax of three passes, with weights[i, j] in the place of x and of out.",
        "`weights[i, j] = score * scale`; then `math.exp(weights[i, j] - largest)`, whose sum is total; then "
        "`weights[i, j] /= total`, and for each channel e the sum over j <= i of `weights[i, j] * v[j, e]`.",
    ),
)
