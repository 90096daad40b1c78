"""Layer normalisation, read once.

The same layer norm, out = (x - mean) / sqrt(variance + EPS) * gain + bias, and each element of x is read once. A block
of 64 threads works on one row and keeps it in registers, thread t the elements t, t + 64 and so on, four at most; the
mean still comes before the variance. `block_sum` now adds by shuffles within a warp, and only the two sums of the two
warps go through shared memory: two barriers in place of eight. All threads of the block call it together.
"""

import math

from numba import cuda, float32

from puzzles.catalog.transformer.layer_norm import layer_norm, shifted_rows
from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Tolerance, array, output

THREADS = 64
KEPT = 4
EPS = 1e-5
EVERYONE = 0xFFFFFFFF


@cuda.jit(device=True)
def block_sum(sums, value):
    total = value
    # HOLE: the sum of a warp by shuffles, in all its threads; then of both warps, by way of sums.
    step = 16
    while step > 0:
        total += cuda.shfl_xor_sync(EVERYONE, total, step)
        step //= 2
    if cuda.laneid == 0:
        sums[cuda.threadIdx.x // 32] = total
    cuda.syncthreads()
    total = sums[0] + sums[1]
    cuda.syncthreads()  # the next call overwrites sums
    # END HOLE
    return total


@cuda.jit
def kernel(out, x, gain, bias):
    row = cuda.blockIdx.x
    t = cuda.threadIdx.x
    n = x.shape[1]
    sums = cuda.shared.array(2, float32)
    values = cuda.local.array(KEPT, float32)
    # HOLE: this thread's elements, and the mean; their deviations, and the variance; the results.
    total = float32(0)
    for k in range(KEPT):
        j = t + THREADS * k
        values[k] = x[row, j] if j < n else float32(0)
        total += values[k]
    mean = block_sum(sums, total) / float32(n)
    squares = float32(0)
    for k in range(KEPT):
        if t + THREADS * k < n:
            values[k] -= mean
            squares += values[k] * values[k]
    deviation = math.sqrt(block_sum(sums, squares) / float32(n) + float32(EPS))
    for k in range(KEPT):
        j = t + THREADS * k
        if j < n:
            out[row, j] = values[k] / deviation * gain[j] + bias[j]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m n"),
        array("x", "m n", draw=shifted_rows),
        array("gain", "n"),
        array("bias", "n"),
    ),
    sizes=({"m": 2, "n": 80}, {"m": 1, "n": 64}, {"m": 3, "n": 3}, {"m": 1, "n": 33}, {"m": 2, "n": 256}),
    fresh={"m": (1, 4), "n": (3, 256)},
    launch=lambda size: Launch((size["m"],), (THREADS,)),
    reference=layer_norm,
    tolerance=Tolerance(relative=1e-3, absolute=1e-3),
    limits=(
        Limit("global loads", "3 * m * n", why="x once, into registers; gain and bias once a row."),
        Limit("global loads of x", "m * n", why="One pass: registers keep the row."),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "ceil(n / 64)", why="The 64 threads share a row evenly."),
        Limit("barriers", "4 * m", why="Two for each of the two sums of a row: the tree by shuffles needs none."),
    ),
    par=Par("global loads", naive="5 * m * n", par="3 * m * n"),
    prediction=Prediction(
        "At how many barriers does the block of the earlier puzzle wait for one of its sums, with its tree of 64?",
        8,
        "One before the tree, one after each of the six steps, and one before the array is used again. Shuffles within "
        "the warps leave two.",
    ),
    hints=(
        "Elements beyond the end of the row may count as 0 for the mean, but not for the variance: 0 - mean is not 0. "
        "Leave them out there.",
        "In block_sum: five steps with `cuda.shfl_xor_sync`, then the first thread of each warp writes the warp's sum; "
        "a barrier, everybody adds the two, a barrier.",
        "`values[k] = x[row, j] if j < n else float32(0)`; under `if t + THREADS * k < n` take the mean off and add "
        "the square.",
    ),
)
