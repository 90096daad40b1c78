"""Two blocks for a matrix.

Apply GELU to each element, in the form of GPT-2: x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))). The
launch has 2 blocks of 32 threads, however large the matrix is. So the blocks take turns with the rows,
the threads of a block with the columns: each starts at its own index and moves on by the number of
blocks, `cuda.gridDim.x`, or of threads, `cuda.blockDim.x`, until the end is reached. Such a loop is
called grid-stride; it works for any launch and any size.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, x):
    m, n = x.shape
    # HOLE: a loop over this block's rows, in it a loop over this thread's columns.
    for i in range(cuda.blockIdx.x, m, cuda.gridDim.x):
        for j in range(cuda.threadIdx.x, n, cuda.blockDim.x):
            value = x[i, j]
            inner = float32(math.sqrt(2 / math.pi)) * (value + float32(0.044715) * value**3)
            out[i, j] = float32(0.5) * value * (float32(1) + math.tanh(inner))
    # END HOLE


def gelu(x: Array) -> Array:
    """Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2, the tanh approximation."""
    curved: Array = x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return curved


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("x", "m n")),
    sizes=({"m": 3, "n": 10}, {"m": 1, "n": 64}, {"m": 5, "n": 33}),
    fresh={"m": (1, 8), "n": (1, 100)},
    launch=lambda size: Launch((2,), (32,)),
    reference=gelu,
    limits=(
        Limit("global loads", "m * n", why="Each element is read once, into a local variable."),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit(
            "global loads of the busiest thread",
            "ceil(m / 2) * ceil(n / 32)",
            why="Two blocks share the rows and 32 threads the columns, evenly.",
        ),
        Limit("global stores of the busiest thread", "ceil(m / 2) * ceil(n / 32)", why="Shared evenly."),
    ),
    prediction=Prediction(
        "Of 3 rows of 10, which elements of x does thread 4 of block 0 read?",
        ((0, 4), (2, 4)),
        "Two blocks take turns with the rows: block 0 has rows 0 and 2. Of the columns thread 4 has 4, and 36 if there "
        "were so many.",
        measured="cells of x by (4, 0)",
    ),
    hints=(
        "Thread 3 of a block works on the columns 3, 35, 67 and so on.",
        "`range(start, stop, step)` with `cuda.threadIdx.x`, the number of columns, and `cuda.blockDim.x`. No guard is "
        "needed: the range is empty for a thread that starts beyond the end.",
        "The formula mentions x three times: `value = x[i, j]` once. Then `math.tanh(float32(math.sqrt(2 / math.pi)) * "
        "(value + float32(0.044715) * value**3))` and the rest in float32.",
    ),
)
