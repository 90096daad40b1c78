"""Running sums in a block.

out[i] is the sum of a block's elements up to and including i, for blocks of 128 threads. In step k = 1, 2, 4, ..., 64
every thread adds the value k places below its own. In shared memory all threads read before any writes: two barriers a
step, or two buffers that take turns and one barrier (Hillis and Steele, "Data Parallel Algorithms", 1986).
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 128


@cuda.jit
def kernel(out, a):
    values = cuda.shared.array(THREADS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    # HOLE: seven steps; read, wait, write, wait.
    total = a[i]
    values[t] = total
    cuda.syncthreads()
    step = 1
    while step < THREADS:
        if t >= step:
            total += values[t - step]
        cuda.syncthreads()
        values[t] = total
        cuda.syncthreads()
        step *= 2
    out[i] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "128*blocks"), array("a", "128*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 4)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: np.cumsum(a.reshape(-1, THREADS), axis=1).reshape(-1),
    limits=(
        Limit("global loads", "128 * blocks", why="Each element is read once."),
        Limit("global stores", "128 * blocks", why="Each element of out is stored once."),
        Limit("shared loads of the busiest thread", "7", why="One value from below in each of the seven steps."),
        Limit("barriers", "15 * blocks", why="Two a step, and one before the first."),
    ),
    prediction=Prediction(
        "How many steps does a scan of 128 elements take in this way?",
        7,
        "After a step k everybody's sum covers 2k elements: 2, 4, 8, ..., 128.",
    ),
    hints=(
        "Keep your own sum in a register; the shared array is there for the others to read.",
        "Between the reads of a step and the writes of the same step there is a barrier, and another one before the "
        "next step's reads.",
        "Barriers stand outside `if t >= step`.",
    ),
)
