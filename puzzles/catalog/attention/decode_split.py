"""One token, a long context.

A model that writes has one new query and all keys and values of the context so far. One query is one block's work, and
the rest of the GPU idles. So split the context into stretches of 64, one a block (Dao et al., 2023, "Flash-Decoding").
Two launches: `stretches` leaves, for each stretch, the largest score, the sum of the exponentials and the 64 sums of
exponential times value, all relative to its own largest score; `combine` merges the stretches, as threads merge in the
perplexity puzzle, and divides. Scores are inner products of width 64 over sqrt(64). `block_max` is a tree that all
threads call together. In `stretches` thread t first has one key, then one channel of all values.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import softmax
from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, Tolerance, array, output, scratch

D = 64
LOWEST = -3e38


@cuda.jit(device=True)
def block_max(partial, value):
    t = cuda.threadIdx.x
    partial[t] = value
    cuda.syncthreads()
    half = D // 2
    while half > 0:
        if t < half:
            partial[t] = max(partial[t], partial[t + half])
        cuda.syncthreads()
        half //= 2
    largest = partial[0]
    cuda.syncthreads()  # the next use overwrites partial
    return largest


@cuda.jit
def stretches(sums, totals, maxima, q, k, v):
    query = cuda.shared.array(D, float32)
    weights = cuda.shared.array(D, float32)
    t = cuda.threadIdx.x
    first = cuda.blockIdx.x * D
    n = k.shape[0]
    query[t] = q[t] / float32(math.sqrt(D))
    cuda.syncthreads()
    # HOLE: the score of key first + t, or LOWEST without one; the largest of the block; the weight of the key.
    score = float32(LOWEST)
    if first + t < n:
        score = float32(0)
        for e in range(D):
            score += query[e] * k[first + t, e]
    largest = block_max(weights, score)
    weights[t] = math.exp(score - largest)
    cuda.syncthreads()
    # END HOLE
    # HOLE: the sum of the weights, and the sum of weight times value for channel t; store all three.
    total = float32(0)
    weighted = float32(0)
    for j in range(first, min(first + D, n)):
        total += weights[j - first]
        weighted += weights[j - first] * v[j, t]
    sums[cuda.blockIdx.x, t] = weighted
    if t == 0:
        totals[cuda.blockIdx.x] = total
        maxima[cuda.blockIdx.x] = largest
    # END HOLE


@cuda.jit
def combine(out, sums, totals, maxima):
    e = cuda.threadIdx.x
    largest = float32(LOWEST)
    total = float32(0)
    weighted = float32(0)
    # HOLE: merge the stretches one after the other, each read once; then channel e of the result.
    for stretch in range(maxima.shape[0]):
        before = largest
        maximum = maxima[stretch]
        largest = max(largest, maximum)
        shrink = math.exp(before - largest)
        share = math.exp(maximum - largest)
        total = total * shrink + totals[stretch] * share
        weighted = weighted * shrink + sums[stretch, e] * share
    out[e] = weighted / total
    # END HOLE


def steady_query(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Standard normal numbers, but for the first."""
    query: Array = rng.standard_normal(shape)
    query[0] = 4.0
    return query


def steep_keys(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """With `steady_query`, scores around 200; in every other draw one key of each stretch has 120 more."""
    keys: Array = rng.standard_normal(shape)
    keys[:, 0] += 400
    if rng.random() < 0.5:
        for first in range(0, len(keys), D):
            keys[rng.integers(first, min(first + D, len(keys))), 0] += 240
    return keys


def launches(size: Size) -> tuple[Launch, ...]:
    """A block for each stretch of the context, then one block that merges them."""
    return (
        Launch((-(-size["n"] // D),), (D,), kernel="stretches", arguments=("sums", "totals", "maxima", "q", "k", "v")),
        Launch((1,), (D,), kernel="combine", arguments=("out", "sums", "totals", "maxima")),
    )


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "64"),
        scratch("sums", "ceil(n/64) 64"),
        scratch("totals", "ceil(n/64)"),
        scratch("maxima", "ceil(n/64)"),
        array("q", "64", draw=steady_query),
        array("k", "n 64", draw=steep_keys),
        array("v", "n 64"),
    ),
    sizes=({"n": 96}, {"n": 1}, {"n": 64}, {"n": 129}),
    fresh={"n": (2, 200)},
    one_by_one={"n": 66},
    launch=launches,
    reference=lambda q, k, v: softmax(k @ q / math.sqrt(D)) @ v,
    tolerance=Tolerance(relative=1e-3, absolute=1e-3),  # scores of 200 are known to 1e-5, their exponentials to 1e-4
    limits=(
        Limit(
            "global loads",
            "128 * n + (64 + 3 * 64) * ceil(n / 64)",
            why="Every key and value once; each block reads the query, and its three results are read by 64 threads.",
        ),
        Limit(
            "global loads of the busiest thread",
            "max(1 + 64 + min(n, 64), 3 * ceil(n / 64))",
            why="However long the context is, no thread goes through more than one stretch of it.",
        ),
        Limit("global stores", "66 * ceil(n / 64) + 64", why="66 numbers for each stretch, and the result."),
        Limit("global atomics", "0", why="The second launch merges the stretches, always in the same order."),
    ),
    prediction=Prediction(
        "A context of 4096: how many numbers does `combine` get from all stretches together?",
        4224,
        "64 stretches, and each leaves 64 sums, a total and a largest score. The context itself is 2 x 64 x 4096 "
        "numbers, 124 times as many.",
    ),
    hints=(
        "Within a stretch everything is relative to its own largest score; no stretch has to know another's.",
        "A thread without a key has the score LOWEST, whose exponential is 0. In the second half thread t owns channel "
        "t: it reads v[j, t], side by side with its neighbours, and weights[j - first], which the others left.",
        "In `combine`: `total = total * math.exp(before - largest) + totals[stretch] * math.exp(maximum - largest)`, "
        "and the same for the sums.",
    ),
)
