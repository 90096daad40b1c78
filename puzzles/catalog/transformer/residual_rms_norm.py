"""The step between two layers.

Between its layers a transformer of today adds what a layer has computed to a running sum, and normalises that for the
next: x += delta, then out = x / sqrt(mean of x**2 over the row + EPS) * gain (Zhang and Sennrich, 2019, "Root Mean
Square Layer Normalization", equation 4). As two kernels it would read the new x again, twice. Here a warp works on one
row of at most 128 elements, keeps the new x in registers, stores it, and normalises what it has kept.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, Tolerance, array, output, updated

KEPT = 4
EPS = 1e-5
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, x, delta, gain):
    row = cuda.grid(1) // 32
    lane = cuda.laneid
    m, n = x.shape
    values = cuda.local.array(KEPT, float32)
    if row < m:
        # HOLE: the new x, into registers and into memory, and its squares, summed over the warp.
        squares = float32(0)
        for k in range(KEPT):
            j = lane + 32 * k
            if j < n:
                values[k] = x[row, j] + delta[row, j]
                x[row, j] = values[k]
                squares += values[k] * values[k]
        step = 16
        while step > 0:
            squares += cuda.shfl_xor_sync(EVERYONE, squares, step)
            step //= 2
        # END HOLE
        # HOLE: normalise what the registers hold.
        deviation = math.sqrt(squares / float32(n) + float32(EPS))
        for k in range(KEPT):
            j = lane + 32 * k
            if j < n:
                out[row, j] = values[k] / deviation * gain[j]
        # END HOLE


def mixed_rows(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Standard normal numbers; every other row is so small that EPS counts."""
    rows: Array = rng.standard_normal(shape)
    rows[1::2] *= 2e-3
    return rows


def add_and_normalise(x: Array, delta: Array, gain: Array) -> tuple[Array, Array]:
    """Zhang and Sennrich (2019), equation 4, with EPS inside the root; out, and the new x."""
    new = x + delta
    return new / np.sqrt((new**2).mean(axis=1, keepdims=True) + EPS) * gain, new


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m n"),
        updated("x", "m n", draw=mixed_rows),
        array("delta", "m n", draw=mixed_rows),
        array("gain", "n"),
    ),
    sizes=({"m": 2, "n": 40}, {"m": 1, "n": 1}, {"m": 3, "n": 31}, {"m": 2, "n": 33}, {"m": 3, "n": 128}),
    fresh={"m": (1, 6), "n": (2, 128)},
    launch=lambda size: Launch((-(-size["m"] // 2),), (64,)),
    reference=add_and_normalise,
    tolerance=Tolerance(relative=1e-3, absolute=1e-4),
    limits=(
        Limit("global loads", "3 * m * n", why="x, delta and gain once; the new x stays in registers."),
        Limit("global loads of the busiest thread", "3 * ceil(n / 32)", why="The 32 threads of a warp share a row."),
        Limit("global stores", "2 * m * n", why="The new x and the result, each once."),
        Limit("global stores of the busiest thread", "2 * ceil(n / 32)", why="Shared evenly."),
        Limit("shared loads", "0", why="The sum comes by shuffles."),
    ),
    par=Par("global bytes", naive="4 * 7 * m * n", par="4 * 5 * m * n"),
    prediction=Prediction(
        "2 rows of 40. How many elements are read or written by two kernels, one that adds x and delta, and one that "
        "normalises x in two passes?",
        560,
        "The first reads two and writes one for each of the 80 elements; the second reads x twice and gain once, and "
        "writes one: 7 x 80. In one kernel it is 5 x 80.",
    ),
    hints=(
        "The new x has to go to memory and stay in a register. Read x and delta once, and never the new x.",
        "This is the warp a row of the softmax puzzle, with a sum of squares in place of the largest element; no mean "
        "is taken off.",
        "`values[k] = x[row, j] + delta[row, j]`, `x[row, j] = values[k]`; five shuffles; "
        "`out[row, j] = values[k] / math.sqrt(squares / float32(n) + float32(EPS)) * gain[j]`.",
    ),
)
