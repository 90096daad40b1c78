"""Everybody knows the largest.

Divide each element by the largest magnitude of its warp: out[i] = a[i] / max |a| over the 32 elements of i's warp.
Here all threads need the result, not only thread 0. `cuda.shfl_xor_sync(0xFFFFFFFF, value, k)` exchanges values
between threads whose numbers differ in one bit; after k = 16, 8, 4, 2, 1 every thread has met all the others.
"""

import numpy as np
from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    value = a[i]
    # HOLE: the largest magnitude of the warp, in every thread.
    largest = abs(value)
    step = 16
    while step > 0:
        largest = max(largest, cuda.shfl_xor_sync(EVERYONE, largest, step))
        step //= 2
    out[i] = value / largest
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64*blocks"), array("a", "64*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: (a.reshape(-1, 32) / np.abs(a.reshape(-1, 32)).max(axis=1, keepdims=True)).reshape(-1),
    limits=(
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("shared loads", "0", why="The butterfly needs no shared memory."),
        Limit("barriers", "0", why="The threads of a warp meet at the shuffle itself."),
        Limit("global stores", "64 * blocks", why="Each element of out is stored once."),
    ),
    prediction=Prediction(
        "With which thread does thread 5 exchange values in the step k = 16?",
        21,
        "5 is 00101 in binary, and 16 flips the highest of the five bits: 10101.",
    ),
    hints=(
        "`shfl_xor` goes both ways at once: thread t and thread t ^ k get each other's value.",
        "Start with `abs(value)`, take `max` with what comes, five times.",
        "`largest = max(largest, cuda.shfl_xor_sync(EVERYONE, largest, step))`.",
    ),
)
