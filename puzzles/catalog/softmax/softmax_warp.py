"""Softmax in one pass.

The same softmax, and each element is read once. A warp works on one row: its 32 threads keep the row in registers,
thread t the elements t, t + 32, t + 64 and t + 96, as far as the row goes; it has at most 128. The largest element and
the sum come by butterflies of shuffles, so that all 32 threads know both. A local array whose indices are known when
the kernel is compiled, because its loops have constant bounds, is made of registers.
"""

import math

from numba import cuda, float32

from puzzles.numerics import far_from_zero, softmax
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

KEPT = 4
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, x):
    row = cuda.grid(1) // 32
    lane = cuda.laneid
    m, n = x.shape
    values = cuda.local.array(KEPT, float32)
    if row < m:
        # HOLE: this thread's elements, minus infinity beyond the end of the row; the largest of the warp.
        largest = float32(-math.inf)
        for k in range(KEPT):
            j = lane + 32 * k
            values[k] = x[row, j] if j < n else float32(-math.inf)
            largest = max(largest, values[k])
        step = 16
        while step > 0:
            largest = max(largest, cuda.shfl_xor_sync(EVERYONE, largest, step))
            step //= 2
        # END HOLE
        # HOLE: the exponentials and their sum over the warp; the results.
        total = float32(0)
        for k in range(KEPT):
            values[k] = math.exp(values[k] - largest)
            total += values[k]
        step = 16
        while step > 0:
            total += cuda.shfl_xor_sync(EVERYONE, total, step)
            step //= 2
        for k in range(KEPT):
            j = lane + 32 * k
            if j < n:
                out[row, j] = values[k] / total
        # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("x", "m n", draw=far_from_zero)),
    sizes=({"m": 2, "n": 40}, {"m": 1, "n": 1}, {"m": 3, "n": 31}, {"m": 2, "n": 33}, {"m": 3, "n": 128}),
    fresh={"m": (1, 6), "n": (2, 128)},
    launch=lambda size: Launch((-(-size["m"] // 2),), (64,)),
    reference=softmax,
    limits=(
        Limit("global loads", "m * n", why="One pass: registers keep the row."),
        Limit("global loads of the busiest thread", "ceil(n / 32)", why="The 32 threads of a warp share a row evenly."),
        Limit("shared loads", "0", why="The butterflies need no shared memory."),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "ceil(n / 32)", why="Shared evenly."),
    ),
    par=Par("global load sectors", naive="2 * m * n", par="m * n // 8"),
    prediction=Prediction(
        "The online softmax with a thread a row, of 2 rows of 40: a sector is eight neighbours of a row. How many "
        "sectors do all its reads together ask for?",
        160,
        "Its two threads are in different rows at any time, so each of the 2 x 2 x 40 reads asks for a sector of its "
        "own. A warp that walks along a row needs 10 in all.",
    ),
    hints=(
        "Thread `lane` has the elements j = lane + 32 * k for k from 0 to 3. Where there is none, minus infinity "
        "changes no maximum, and its exponential is 0.",
        "First the largest of your own four, then five steps with `cuda.shfl_xor_sync`; the same for the sum. Every "
        "thread of the warp executes every shuffle.",
        "`values[k] = x[row, j] if j < n else float32(-math.inf)`; later `values[k] = math.exp(values[k] - largest)`, "
        "and `out[row, j] = values[k] / total` where j < n.",
    ),
)
