"""Perplexity.

How well a language model guesses a whole text: exp of the mean loss, where the loss at position i is the cross-entropy,
log(sum over j of exp(logits[i, j])) - logits[i, targets[i]] (Jelinek et al., 1977). A perplexity of 10 is as bad as
guessing among 10 equally likely tokens. One block of four warps works on the text, a warp on one position after the
other. Its 32 threads walk along the row together, each with its own online softmax, and then merge what they have: two
pairs (largest, total) make one, with largest = max(l1, l2) and total = t1 exp(l1 - largest) + t2 exp(l2 - largest). A
thread that saw no element has a total of 0, and any finite number for its largest: minus infinity minus minus infinity
is not a number.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.catalog.softmax.cross_entropy import cross_entropy
from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, Tolerance, array, output

WARPS = 4
EVERYONE = 0xFFFFFFFF
LOWEST = -3e38


@cuda.jit
def kernel(perplexity, logits, targets):
    losses = cuda.shared.array(WARPS, float32)
    t, v = logits.shape
    lane = cuda.laneid
    warp = cuda.threadIdx.x // 32
    loss = float32(0)
    for i in range(warp, t, WARPS):
        largest = float32(LOWEST)
        total = float32(0)
        # HOLE: the online softmax over this thread's share of the row.
        for j in range(lane, v, 32):
            logit = logits[i, j]
            before = largest
            largest = max(largest, logit)
            total = total * math.exp(before - largest) + math.exp(logit - largest)
        # END HOLE
        # HOLE: merge with the other threads of the warp, in five steps.
        step = 16
        while step > 0:
            other = cuda.shfl_xor_sync(EVERYONE, largest, step)
            addend = cuda.shfl_xor_sync(EVERYONE, total, step)
            before = largest
            largest = max(largest, other)
            total = total * math.exp(before - largest) + addend * math.exp(other - largest)
            step //= 2
        # END HOLE
        if lane == 0:
            loss += math.log(total) + (largest - logits[i, targets[i]])
    # HOLE: thread 0 of the block gets the sums of all warps, and stores the result.
    if lane == 0:
        losses[warp] = loss
    cuda.syncthreads()
    if cuda.threadIdx.x == 0:
        for other in range(1, WARPS):
            loss += losses[other]
        perplexity[0] = math.exp(loss / float32(t))
    # END HOLE


def lifted_rows(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Rows around +200 or -200, beyond what exp can do in float32; in every other one token 0 lies 150 below."""
    rows: Array = rng.choice([-200.0, 200.0], size=(shape[0], 1)) + 2 * rng.standard_normal(shape)
    rows[::2, 0] -= 150
    return rows


def likely_tokens(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Token numbers from 1 on, whose losses are moderate."""
    return rng.integers(1, size["v"], size=shape)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("perplexity", "1"),
        array("logits", "t v", draw=lifted_rows),
        array("targets", "t", dtype="int32", draw=likely_tokens),
    ),
    sizes=({"t": 6, "v": 40}, {"t": 1, "v": 2}, {"t": 3, "v": 31}, {"t": 9, "v": 32}, {"t": 5, "v": 100}),
    fresh={"t": (1, 12), "v": (2, 100)},
    launch=lambda size: Launch((1,), (32 * WARPS,)),
    reference=lambda logits, targets: np.exp(cross_entropy(logits, targets).mean(keepdims=True)),
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit("global loads", "t * (v + 2)", why="Each logit once, and one target and its logit a position."),
        Limit(
            "global loads of the busiest thread",
            "ceil(t / 4) * (ceil(v / 32) + 2)",
            why="Four warps share the positions, and 32 threads each row.",
        ),
        Limit("global stores", "1", why="One number is the result."),
        Limit("global atomics", "0", why="The warps meet in shared memory, in an order that is always the same."),
        Limit("barriers", "1", why="One barrier, between the warps' sums and the result."),
    ),
    prediction=Prediction(
        "A model knows nothing: all its 64 logits are equal. What is its perplexity?",
        64,
        "Each token has the probability 1/64, the loss is log(64) everywhere, and exp(log(64)) is 64.",
    ),
    hints=(
        "A thread's walk is the one pass of the cross-entropy puzzle, with `range(lane, v, 32)`. In a row of 20 logits "
        "twelve threads see none; what they bring must not change the sum.",
        "In a step, get the other thread's largest and total by two shuffles before you change your own. Then both "
        "totals shrink to the common largest, and add up.",
        "`total = total * math.exp(before - largest) + addend * math.exp(other - largest)`; at the end "
        "`perplexity[0] = math.exp(loss / float32(t))` with the losses of all four warps in `loss`.",
    ),
)
