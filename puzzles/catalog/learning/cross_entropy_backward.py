"""Backward of cross-entropy.

The loss at position i is -log softmax(logits[i])[targets[i]]. Its derivative needs nothing but the probabilities:
dlogits[i, j] = (softmax(logits[i])[j] - [j = targets[i]]) * dlosses[i], where dlosses holds what follows from later
steps. It could take three kernels, the last of them with an atomic subtraction at the target. Instead let one warp take
a whole row, its lanes the columns lane, lane + 32 and so on, and read the row twice: once for the online softmax of
each lane, whose pairs (largest, total) the lanes then merge by shuffles, and once for the result.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import drawn_tokens, softmax
from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, Tolerance, array, output

LANES = 32
ROWS = 4
ALL = 0xFFFFFFFF
LOWEST = -3.4e38


@cuda.jit
def kernel(dlogits, logits, targets, dlosses):
    lane = cuda.threadIdx.x
    i = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    t, v = logits.shape
    if i < t:
        largest = float32(LOWEST)
        total = float32(0)
        # HOLE: this lane's columns in one pass.
        for j in range(lane, v, LANES):
            logit = logits[i, j]
            before = largest
            largest = max(largest, logit)
            total = total * math.exp(before - largest) + math.exp(logit - largest)
        # END HOLE
        # HOLE: merge the pairs of all lanes, in five steps; afterwards each lane has those of the row.
        step = LANES // 2
        while step > 0:
            other_largest = cuda.shfl_xor_sync(ALL, largest, step)
            other_total = cuda.shfl_xor_sync(ALL, total, step)
            both = max(largest, other_largest)
            total = total * math.exp(largest - both) + other_total * math.exp(other_largest - both)
            largest = both
            step //= 2
        # END HOLE
        # HOLE: the second pass writes the gradient.
        target = targets[i]
        dloss = dlosses[i]
        for j in range(lane, v, LANES):
            probability = math.exp(logits[i, j] - largest) / total
            dlogits[i, j] = (probability - (float32(1) if j == target else float32(0))) * dloss
        # END HOLE


def far_rows(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Rows of spread 1 around +1000 or -1000: no probability is so near to 1 that p - 1 loses its digits."""
    return np.asarray(rng.choice([-1000.0, 1000.0], size=(shape[0], 1)) + rng.standard_normal(shape))


def cross_entropy_backward(logits: Array, targets: Array, dlosses: Array) -> Array:
    """Bridle, "Training stochastic model recognition algorithms as networks ..." (NIPS 1989): p - y."""
    gradient = softmax(logits)
    gradient[np.arange(len(targets)), targets] -= 1
    return np.asarray(gradient * dlosses[:, None])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("dlogits", "t v"),
        array("logits", "t v", draw=far_rows),
        array("targets", "t", dtype="int32", draw=drawn_tokens),
        array("dlosses", "t"),
    ),
    sizes=({"t": 5, "v": 40}, {"t": 1, "v": 2}, {"t": 3, "v": 31}, {"t": 6, "v": 33}, {"t": 4, "v": 96}),
    fresh={"t": (1, 12), "v": (2, 100)},
    launch=lambda size: Launch((-(-size["t"] // ROWS),), (LANES, ROWS)),
    reference=cross_entropy_backward,
    tolerance=Tolerance(relative=1e-4, absolute=1e-4),
    limits=(
        Limit(
            "global loads",
            "t * (2 * v + 2 * 32)",
            why="Each logit is read twice, and each lane reads the row's target and dloss.",
        ),
        Limit(
            "global load sectors of logits",
            "2 * t * (ceil(v / 8) + ceil(v / 32))",
            why="32 neighbours lie in 4 sectors, or in 5 if the first lies within one.",
        ),
        Limit("global stores", "t * v", why="Each element is stored once, with the target's 1 already taken off."),
        Limit("global store sectors", "t * (ceil(v / 8) + ceil(v / 32))", why="Lanes store neighbours, too."),
        Limit("global atomics", "0", why="A row has one owner."),
        Limit("barriers", "0", why="The lanes of a warp need none."),
        Limit("shared memory", "0", why="Shuffles go from register to register."),
    ),
    par=Par("global loads", naive="t * (3 * v + 2 * 32)", par="t * (2 * v + 2 * 32)"),
    prediction=Prediction(
        "What do the gradients of one row add up to, whatever its logits, its target and its dloss are?",
        0,
        "The probabilities add up to 1, and 1 is taken off at the target. What one logit gains the others lose.",
    ),
    hints=(
        "The first pass is the online softmax, with `range(lane, v, LANES)` for `range(v)`. Some lanes may have no "
        "column at all: they keep total = 0, and exp(LOWEST - LOWEST) is 1, where minus infinity would give NaN.",
        "Two pairs merge as two elements do: both = max(largest, other_largest), and each total shrinks by "
        "exp(its own largest - both). With shfl_xor_sync at distances 16, 8, 4, 2, 1 every lane ends with everything.",
        "Write (math.exp(logits[i, j] - largest) / total - (1 if j == target else 0)) * dloss, with both numbers as "
        "float32.",
    ),
)
