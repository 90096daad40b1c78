"""Softmax in three passes.

Softmax of each row: out[i, j] = exp(x[i, j]) / sum over k of exp(x[i, k]). No float can hold exp(1000),
so subtract the row's largest element from all of them first: the quotient stays the same and no exponent
is above 0. One thread works on one row and passes over it three times, for the largest element, for the
sum of the exponentials, and for the results.
"""

import math

from numba import cuda, float32

from puzzles.numerics import far_from_zero, softmax
from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, x):
    row = cuda.grid(1)
    m, n = x.shape
    if row < m:
        # HOLE: three passes over x[row, :].
        largest = x[row, 0]
        for j in range(1, n):
            largest = max(largest, x[row, j])
        total = float32(0)
        for j in range(n):
            total += math.exp(x[row, j] - largest)
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
        Limit("global loads", "3 * m * n", why="Three passes read each element three times."),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "n", why="One row is one thread's work."),
    ),
    prediction=Prediction(
        "How many elements do all threads together read from global memory, for 5 rows of 6?",
        90,
        "Three passes over 5 x 6 elements. Nothing is left from one pass to the next but two numbers a row.",
        measured="global loads",
    ),
    hints=(
        "First pass: start with x[row, 0] and take the larger one of it and each following element.",
        "Second pass: add up math.exp(x[row, j] - largest). The largest element contributes exactly 1, "
        "so the sum is never 0.",
        "Third pass: the same exponential once more, divided by the sum. Storing it in the second pass "
        "and reading it back from out would cost as many reads and twice the writes.",
    ),
)
