"""Running sums in a warp.

out[i] is the sum of all elements of i's warp up to and including i: an inclusive scan over 32 elements. In step k =
1, 2, 4, 8, 16 every thread gets the value of the thread k below it, `cuda.shfl_up_sync(0xFFFFFFFF, value, k)`, and adds
it, unless there is no such thread (Hillis and Steele, "Data Parallel Algorithms", 1986).
"""

import numpy as np
from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    lane = cuda.laneid
    total = a[i]
    # HOLE: five steps; everybody shuffles, and those that have a thread below add.
    step = 1
    while step < 32:
        below = cuda.shfl_up_sync(EVERYONE, total, step)
        if lane >= step:
            total += below
        step *= 2
    out[i] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64*blocks"), array("a", "64*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: np.cumsum(a.reshape(-1, 32), axis=1).reshape(-1),
    limits=(
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("global loads of the busiest thread", "1", why="What lies below comes by shuffles."),
        Limit("shared loads", "0", why="Shuffles need no shared memory."),
        Limit("barriers", "0", why="The threads of a warp meet at the shuffle itself."),
        Limit("global stores", "64 * blocks", why="Each element of out is stored once."),
    ),
    prediction=Prediction(
        "After the steps k = 1 and k = 2, how many elements are in the sum of thread 10?",
        4,
        "After k = 1 it is two; thread 8 has two others by then, which come with k = 2.",
    ),
    hints=(
        "The shuffle stands outside the if: a thread that does not execute it has nothing to give.",
        "`if lane >= step` says whether there is a thread `step` below.",
        "`below = cuda.shfl_up_sync(EVERYONE, total, step)`, then `if lane >= step: total += below`.",
    ),
)
