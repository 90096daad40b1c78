"""Cross-entropy in one pass.

The loss of a language model at one position: the negative logarithm of the probability that softmax
gives to the right token, losses[i] = log(sum over j of exp(logits[i, j])) - logits[i, targets[i]]. One
thread works on one position and may read its row only once. The online softmax has what is needed:
log(sum of exp(x)) is largest + log(sum of exp(x - largest)).
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.numerics import drawn_tokens, far_from_zero, softmax
from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output


@cuda.jit
def kernel(losses, logits, targets):
    i = cuda.grid(1)
    t, v = logits.shape
    if i < t:
        largest = float32(-math.inf)
        total = float32(0)
        # HOLE: one pass for largest and total, then the loss.
        for j in range(v):
            logit = logits[i, j]
            before = largest
            largest = max(largest, logit)
            total = total * math.exp(before - largest) + math.exp(logit - largest)
        losses[i] = math.log(total) + (largest - logits[i, targets[i]])
        # END HOLE


def cross_entropy(logits: Array, targets: Array) -> Array:
    """Shannon's surprise, -ln p(target), in nats."""
    return -np.log(softmax(logits)[np.arange(len(targets)), targets])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("losses", "t"),
        array("logits", "t v", draw=far_from_zero),
        array("targets", "t", dtype="int32", draw=drawn_tokens),
    ),
    sizes=({"t": 5, "v": 10}, {"t": 1, "v": 4}, {"t": 5, "v": 2}, {"t": 9, "v": 30}),
    fresh={"t": (1, 20), "v": (2, 60)},
    launch=lambda size: Launch((-(-size["t"] // 8),), (8,)),
    reference=cross_entropy,
    tolerance=Tolerance(relative=1e-4, absolute=1e-4),
    limits=(
        Limit("global loads", "t * (v + 2)", why="One pass over the logits, then the target and its logit."),
        Limit("global stores", "t", why="Each loss is stored once."),
        Limit("global stores of the busiest thread", "1", why="One position is one thread's work."),
    ),
    par=Par("global loads", naive="t * (2 * v + 2)", par="t * (v + 2)"),
    prediction=Prediction(
        "The losses of 5 positions, 10 logits each, in one pass: how many global reads are there?",
        60,
        "Each logit once, 50; and for each position the target's number and, once more, the target's logit.",
        measured="global loads",
    ),
    hints=(
        "Start with largest at minus infinity and total at 0; every logit then gets the same treatment.",
        "This is the first pass of the online softmax. The second pass is not needed: only one probability matters.",
        "The loss is math.log(total) + largest - logits[i, targets[i]]. Subtract the two large numbers "
        "first; their difference is small and exact.",
    ),
)
