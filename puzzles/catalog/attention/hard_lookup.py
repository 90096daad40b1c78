"""A look-up by similarity.

A dictionary with n entries: entry j has a key k[j], a vector of 8 numbers, and a value v[j]. Query i gets the value of
the entry whose key is most like it: out[i] = v[j] for the j with the largest inner product, the sum over e of q[i, e]
k[j, e]. Of equal ones the first counts. One thread works on one query; it reads its query once, into a local array, and
of the values only the one it wants.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, array, output

D = 8


@cuda.jit
def kernel(out, q, k, v):
    i = cuda.grid(1)
    query = cuda.local.array(D, float32)
    if i < q.shape[0]:
        for e in range(D):
            query[e] = q[i, e]
        # HOLE: the entry with the largest score, the first of equal ones; its value.
        best = 0
        largest = float32(-math.inf)
        for j in range(k.shape[0]):
            score = float32(0)
            for e in range(D):
                score += query[e] * k[j, e]
            if score > largest:
                best = j
                largest = score
        out[i] = v[best]
        # END HOLE


def small_numbers(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Whole numbers from -2 to 2: sums of their products are exact, and often equal."""
    return rng.integers(-2, 2, size=shape, endpoint=True)


def look_up(q: Array, k: Array, v: Array) -> Array:
    """Hard attention (Xu et al., "Show, Attend and Tell", 2015, section 4.1) with its likeliest place."""
    found: Array = v[(q @ k.T).argmax(axis=1)]
    return found


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m"),
        array("q", "m 8", draw=small_numbers),
        array("k", "n 8", draw=small_numbers),
        array("v", "n"),
    ),
    sizes=({"m": 4, "n": 6}, {"m": 1, "n": 1}, {"m": 5, "n": 2}, {"m": 33, "n": 31}),
    fresh={"m": (1, 40), "n": (1, 40)},
    launch=lambda size: Launch((-(-size["m"] // 32),), (32,)),
    reference=look_up,
    needs="8 * m + 8 * n + 1",  # all queries may want the same value
    limits=(
        Limit("global loads", "8 * m + 8 * m * n + m", why="Queries once, all keys for each query, one value each."),
        Limit("global loads of v", "m", why="A hard look-up reads one value: the one that it found."),
        Limit("global stores", "m", why="Each result is stored once, when the search is over."),
        Limit("global stores of the busiest thread", "1", why="One query is one thread's work."),
    ),
    prediction=Prediction(
        "4 queries, 6 entries. How many elements of v are read, by all threads together?",
        4,
        "Every query looks at all keys, and at one value. The value's place depends on the data, so nothing could be "
        "learnt from it about which key would have been better.",
        measured="global loads of v",
    ),
    hints=(
        "Keep two numbers while you go through the keys: the largest score so far and the entry it belongs to.",
        "Scores may all be negative, so the largest so far starts at minus infinity, not at 0.",
        "`if score > largest:`, with > and not >=, keeps the first of equal ones; after the loop `out[i] = v[best]`.",
    ),
)
