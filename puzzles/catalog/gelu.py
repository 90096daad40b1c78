"""Fewer threads than elements.

Apply GELU to each element, in the form of GPT-2: 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x**3))).
The launch has 64 threads, whatever the length. So each thread starts at its own index and moves on by
the number of threads in the whole grid, which `cuda.gridsize(1)` returns, until the end is reached.
Such a loop, a grid-stride loop, works for any launch and any length.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Puzzle, array, output


@cuda.jit
def kernel(out, x):
    # HOLE: a loop over this thread's elements, in steps of the grid's size.
    for i in range(cuda.grid(1), x.shape[0], cuda.gridsize(1)):
        value = x[i]
        inner = float32(math.sqrt(2 / math.pi)) * (value + float32(0.044715) * value**3)
        out[i] = float32(0.5) * value * (float32(1) + math.tanh(inner))
    # END HOLE


def gelu(x: Array) -> Array:
    """Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016), section 2, the tanh approximation."""
    curved: Array = 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))
    return curved


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("x", "n")),
    sizes=({"n": 10}, {"n": 64}, {"n": 200}),
    fresh={"n": (1, 400)},
    launch=lambda size: Launch((2,), (32,)),
    reference=gelu,
    limits=(
        Limit("global loads", "n", why="Each element is read once, into a local variable."),
        Limit(
            "global loads of the busiest thread",
            "ceil(n / 64)",
            why="The 64 threads share the vector evenly.",
        ),
    ),
    hints=(
        "Thread 3 of 64 works on the elements 3, 67, 131 and so on.",
        "`range(start, stop, step)` with `cuda.grid(1)`, the length, and `cuda.gridsize(1)`. No guard is "
        "needed: the range is empty for a thread that starts beyond the end.",
        "The formula mentions x three times. Read x[i] once into a local variable.",
    ),
)
