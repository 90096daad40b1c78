"""A soft look-up.

The same dictionary, and now every entry has a say: out[i] = sum over j of w[i, j] v[j], where w[i] is the softmax of
the scores, sharpness times the inner products of query i with the keys (Bahdanau, Cho and Bengio, 2014, section 3.1,
with the scores of Luong, Pham and Manning, 2015). A small change of a key now changes the result a little, which is
what a network needs in order to learn. One thread works on one query, and goes through keys and values once: the online
softmax keeps, besides the largest score and the sum of the exponentials, the sum of exponential times value.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import shifted_keys, softmax
from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, Tolerance, array, output, scalar

D = 8


@cuda.jit
def kernel(out, q, k, v, sharpness):
    i = cuda.grid(1)
    query = cuda.local.array(D, float32)
    if i < q.shape[0]:
        for e in range(D):
            query[e] = q[i, e] * sharpness
        largest = float32(-math.inf)
        total = float32(0)
        mean = float32(0)
        # HOLE: for each entry: its score; rescale what is there; add its share. Then the result.
        for j in range(k.shape[0]):
            score = float32(0)
            for e in range(D):
                score += query[e] * k[j, e]
            before = largest
            largest = max(largest, score)
            shrink = math.exp(before - largest)
            weight = math.exp(score - largest)
            total = total * shrink + weight
            mean = mean * shrink + weight * v[j]
        out[i] = mean / total
        # END HOLE


def positive(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """From 0.2 to 1.5: from nearly the mean to nearly the likeliest."""
    return rng.uniform(0.2, 1.5, shape)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m"),
        array("q", "m 8"),
        array("k", "n 8", draw=shifted_keys),
        array("v", "n"),
        scalar("sharpness", draw=positive),
    ),
    sizes=({"m": 4, "n": 6}, {"m": 1, "n": 1}, {"m": 5, "n": 2}, {"m": 33, "n": 31}),
    fresh={"m": (1, 40), "n": (1, 40)},
    launch=lambda size: Launch((-(-size["m"] // 32),), (32,)),
    reference=lambda q, k, v, sharpness: softmax(sharpness * (q @ k.T)) @ v,
    tolerance=Tolerance(relative=1e-3, absolute=1e-3),
    limits=(
        Limit("global loads", "8 * m + 9 * m * n", why="Queries once; each key and value once for each query."),
        Limit("global stores", "m", why="Each result is stored once; scores stay in registers."),
        Limit("global stores of the busiest thread", "1", why="One query is one thread's work."),
    ),
    par=Par("global loads", naive="8 * m + 25 * m * n", par="8 * m + 9 * m * n"),
    prediction=Prediction(
        "The sharpness grows without limit. What does the result become?",
        "the hard look-up",
        "exp(sharpness * (score - largest)) is 1 for the largest score and falls to 0 for all others. At sharpness 0 "
        "all weights are equal, and the result is the mean.",
        choices=("the hard look-up", "the mean", "zero"),
    ),
    hints=(
        "largest starts at minus infinity, and exp(-inf) is 0: the first entry needs no special case.",
        "total and mean are sums of the same exponentials, without and with the factor v[j]. When largest grows, both "
        "shrink by exp(before - largest).",
        "`total = total * shrink + weight` and `mean = mean * shrink + weight * v[j]`; at the end "
        "`out[i] = mean / total`.",
    ),
)
