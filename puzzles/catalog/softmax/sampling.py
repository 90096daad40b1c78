"""Drawing the next token.

Several texts wait for their next token, each with settings of its own; a block of 64 threads draws for one text, in one
launch, from a vocabulary of at most 64. In this order, each step on what the one before it left:

1. Temperature: weights exp(logit / T) (Ackley, Hinton and Sejnowski, 1985).

2. Top-k: the k likeliest tokens, of equally likely ones those with lower numbers (Fan et al., 2018).

3. Top-p: the fewest likeliest tokens whose share of all that top-k kept is at least p (Holtzman et al., 2020).

4. The draw: the likeliest tokens one after the other, until the sum of their weights is above u times the sum of all
that are left, for a random number 0 <= u < 1.

A sort comes first: the place of a token is the number of tokens before it. The sums of weights are taken by each thread
for its own place, from the likeliest token on: so they never fall. Those of a scan in steps, in which every thread adds
in another order, may fall by a rounding, and a point may then lie within two tokens, or none.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numba import cuda, float32, int32

from lm.sampling import nucleus, softmax, top_k
from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, array, derived, output

THREADS = 64


@cuda.jit
def kernel(out, logits, temperature, k, p, u):
    scores = cuda.shared.array(THREADS, float32)
    ranked = cuda.shared.array(THREADS, float32)
    tokens = cuda.shared.array(THREADS, int32)
    weights = cuda.shared.array(THREADS, float32)
    sums = cuda.shared.array(THREADS, float32)
    mass = cuda.shared.array(1, float32)
    row = cuda.blockIdx.x
    t = cuda.threadIdx.x
    # HOLE: sort: each token's score and number to its place; threads without a token have minus infinity.
    score = logits[row, t] if t < logits.shape[1] else float32(-math.inf)
    scores[t] = score
    cuda.syncthreads()
    place = 0
    for other in range(THREADS):
        if scores[other] > score or (scores[other] == score and other < t):
            place += 1
    ranked[place] = score
    tokens[place] = t
    cuda.syncthreads()
    # END HOLE
    # HOLE: the weight of the token at place t, none beyond the top k; the sum up to it, and the one before it.
    weight = math.exp((ranked[t] - ranked[0]) / temperature[row])
    weights[t] = weight if t < k[row] else float32(0)
    cuda.syncthreads()
    through = float32(0)
    for other in range(t + 1):
        through += weights[other]
    sums[t] = through
    cuda.syncthreads()
    before = sums[t - 1] if t > 0 else float32(0)
    # END HOLE
    # HOLE: the sum of all that top-p keeps, from the one thread where it is reached; wait.
    goal = p[row] * sums[THREADS - 1]
    if before < goal and goal <= through:
        mass[0] = through
    cuda.syncthreads()
    # END HOLE
    # HOLE: the draw: one thread finds that the point lies within its token.
    point = u[row] * mass[0]
    if before <= point and point < through:
        out[row] = tokens[t]
    # END HOLE


def _left(row: Array, temperature: float, k: int, p: float = 1) -> tuple[Array, Array]:
    """Token numbers, the likeliest first, and the running sums of their probabilities after top-k and top-p."""
    order = np.argsort(-row, kind="stable")
    kept = nucleus(top_k(softmax(row, temperature), k), p)
    return order, np.cumsum(kept[order])


def sample(logits: Array, temperature: Array, k: Array, p: Array, u: Array) -> Array:
    """The steps of `lm.sampling`, then inversion (Devroye, "Non-Uniform Random Variate Generation", 1986, III.2)."""
    drawn = []
    for row, *settings, point in zip(logits, temperature, k, p, u, strict=True):
        order, sums = _left(row, *settings)
        drawn.append(order[np.searchsorted(sums, point, side="right")])
    return np.array(drawn)


def _clear_of(sums: Array, wish: float) -> float:
    """The number nearest a wish that lies midway between two distant sums: no rounding carries it past one."""
    edges = np.concatenate([[0], sums])
    middles, wide = (edges[1:] + edges[:-1]) / 2, np.diff(edges) > 1e-3
    return float(middles[wide][np.abs(middles[wide] - wish).argmin()])


def _wishes(given: Mapping[str, Any], digits: int) -> Array:
    """Numbers from 0 to 1, one a row: the digits of the temperatures, which are random, from this one on."""
    wishes: Array = given["temperature"].astype(np.float64) * 10**digits % 1
    return wishes


def _rough(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Logits in steps of a quarter, so that some tokens are equally likely, around +200 or -200; some rows are flat.

    In the first row all tokens are equally likely, and weights and sums are whole numbers.
    """
    centre, spread = rng.choice([-200.0, 200.0], size=(shape[0], 1)), rng.choice([1, 6], size=(shape[0], 1))
    spread[0] = 0
    logits: Array = centre + np.round(spread * rng.standard_normal(shape)) / 4
    return logits


def _temperatures(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    return rng.uniform(0.5, 2, shape)


def _counts(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """For top-k: all, or so few that the first token beyond them would be a likely one; in the first row all."""
    few = rng.integers(1, min(size["v"], 6), size=shape, endpoint=True)
    counts = np.where(rng.random(shape) < 0.5, few, size["v"])
    counts[0] = size["v"]
    return counts


def _shares(given: Mapping[str, Any]) -> Array:
    """For top-p: often all, as in the first row, otherwise a number clear of the running sums."""
    wishes = _wishes(given, 1)
    rows = zip(given["logits"], given["temperature"], given["k"], wishes, strict=True)
    shares = [_clear_of(_left(row, heat, k)[1], wish) if wish < 0.4 else 1.0 for row, heat, k, wish in rows]
    return np.array([1.0, *shares[1:]])


def _points(given: Mapping[str, Any]) -> Array:
    """For the draw: numbers clear of the running sums, many near 1, where a sum with one token too many shows.

    In the first row u is 0, or lies on an edge between two tokens where that is exact, at powers of two.
    """
    wishes = _wishes(given, 3)
    rows = zip(given["logits"], given["temperature"], given["k"], given["p"], wishes, strict=True)
    points = [_clear_of(_left(row, heat, k, p)[1], wish**0.25) for row, heat, k, p, wish in rows]
    tokens = given["logits"].shape[1]
    edge = math.floor(wishes[0] * tokens) / tokens if tokens.bit_count() == 1 else 0.0
    return np.array([edge, *points[1:]])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m", "int32"),
        array("logits", "m v", draw=_rough),
        array("temperature", "m", draw=_temperatures),
        array("k", "m", "int32", _counts),
        derived("p", "m", _shares),
        derived("u", "m", _points),
    ),
    sizes=({"m": 3, "v": 20}, {"m": 1, "v": 1}, {"m": 2, "v": 2}, {"m": 6, "v": 33}, {"m": 8, "v": 64}),
    fresh={"m": (1, 8), "v": (2, 64)},
    one_by_one={"m": 2, "v": 20},
    launch=lambda size: Launch((size["m"],), (THREADS,)),
    reference=sample,
    limits=(
        Limit("global loads", "m * (v + 4 * 64)", why="Each logit once; four settings for each thread."),
        Limit("global loads of the busiest thread", "5", why="One logit and four settings."),
        Limit("global stores", "m", why="The thread whose token is drawn stores it; no other does."),
        Limit("global atomics", "0", why="Exactly one thread finds that the point lies within its token."),
    ),
    prediction=Prediction(
        "Four tokens have the probabilities 0.4, 0.3, 0.2 and 0.1. Top-k keeps 2 of them, then top-p is 0.55. How many "
        "are left?",
        1,
        "Of what top-k kept, the likeliest is 0.4 / 0.7 = 0.57, which is enough alone. The other way round, 0.4 would "
        "not be, and two would be left.",
    ),
    hints=(
        "A token comes before another if its score is larger, or if the scores are equal and its number is lower. So "
        "all places differ, and every place gets one token.",
        "Weights need not sum to 1: compare with p times the sum of all. Take a thread's `before` from its neighbour's "
        "sum in `sums`, not as its own sum minus its weight, which may round differently; then exactly one thread has "
        "before < goal <= through.",
        "`point = u[row] * mass[0]`, and the thread with before <= point < through stores `tokens[t]`.",
    ),
)
