"""Online softmax: two passes.

The same softmax, with one read less for each element. Find the largest element and the sum of the
exponentials in a single pass: keep both for the elements seen so far, and whenever a larger element
turns up, multiply the sum by exp(old largest - new largest), as if the new largest had been known from
the start. The second pass writes the results.
"""

import math

from numba import cuda, float32

from puzzles.numerics import far_from_zero, softmax
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, x):
    row = cuda.grid(1)
    m, n = x.shape
    if row < m:
        largest = x[row, 0]
        total = float32(1)
        # HOLE: one pass that keeps largest and total up to date, one that writes the results.
        for j in range(1, n):
            value = x[row, j]
            before = largest
            largest = max(largest, value)
            total = total * math.exp(before - largest) + math.exp(value - largest)
        for j in range(n):
            out[row, j] = math.exp(x[row, j] - largest) / total
        # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("x", "m n", draw=far_from_zero)),
    sizes=({"m": 5, "n": 6}, {"m": 5, "n": 1}, {"m": 9, "n": 12}, {"m": 17, "n": 2}),
    fresh={"m": (1, 20), "n": (2, 40)},
    launch=lambda size: Launch((-(-size["m"] // 8),), (8,)),
    reference=softmax,
    limits=(
        Limit("global loads", "2 * m * n", why="Two passes read each element twice."),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "n", why="One row is one thread's work."),
    ),
    par=Par("global loads", naive="3 * m * n", par="2 * m * n"),
    prediction=Prediction(
        "A row is 1, 5, 3, 7, 6, 7. How often does a larger element turn up, so that the sum so far shrinks?",
        2,
        "At 5 and at 7. The second 7 is no larger: its exponential is 1, and the sum so far is multiplied by exp(0).",
    ),
    hints=(
        "After one element, largest is that element and total is exp(0) = 1. That is where the pass starts. Read "
        "x[row, j] into a local variable: every mention of it is a read of its own.",
        "The sum so far is made of terms exp(x - before). Times exp(before - largest), each becomes exp(x - largest). "
        "If the new element is not larger, the factor is exp(0) = 1, and no `if` is needed.",
        "`before = largest`, then `largest = max(largest, value)`, then `total = total * math.exp(before - largest) + "
        "math.exp(value - largest)`.",
    ),
)
