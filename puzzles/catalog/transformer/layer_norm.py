"""Layer normalisation.

Normalise each row to mean 0 and variance 1, then scale and shift each column: out = (x - mean) /
sqrt(variance + EPS) * gain + bias. The variance is the mean of (x - mean)**2, without Bessel's
correction. The rows lie far from zero, where the shortcut "mean of squares minus square of mean" loses
all its digits in float32; so find the mean first. One block of 64 threads works on one row. The tree of
an earlier puzzle is here as a device function, block_sum, that all threads of the block call together
and that gives all of them the sum.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, Tolerance, array, output

THREADS = 64
EPS = 1e-5


@cuda.jit(device=True)
def block_sum(partial, value):
    t = cuda.threadIdx.x
    partial[t] = value
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if t < half:
            partial[t] += partial[t + half]
        cuda.syncthreads()
        half //= 2
    total = partial[0]
    cuda.syncthreads()  # the next call overwrites partial
    return total


@cuda.jit
def kernel(out, x, gain, bias):
    row = cuda.blockIdx.x
    t = cuda.threadIdx.x
    n = x.shape[1]
    partial = cuda.shared.array(THREADS, float32)
    # HOLE: the mean, the variance, and this thread's share of the row.
    total = float32(0)
    for j in range(t, n, THREADS):
        total += x[row, j]
    mean = block_sum(partial, total) / float32(n)
    squares = float32(0)
    for j in range(t, n, THREADS):
        squares += (x[row, j] - mean) ** 2
    deviation = math.sqrt(block_sum(partial, squares) / float32(n) + float32(EPS))
    for j in range(t, n, THREADS):
        out[row, j] = (x[row, j] - mean) / deviation * gain[j] + bias[j]
    # END HOLE


def shifted_rows(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Rows of spread 1 around a centre of 600; every other one around 0, so narrow that EPS counts."""
    rows: Array = 600 + rng.standard_normal(shape)
    rows[1::2] = 2e-3 * rng.standard_normal(rows[1::2].shape)
    return rows


def layer_norm(x: Array, gain: Array, bias: Array) -> Array:
    """Ba, Kiros and Hinton, "Layer Normalization" (2016), equation 4, with EPS inside the root."""
    mean = x.mean(axis=1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=1, keepdims=True)
    normalised: Array = (x - mean) / (variance + EPS) ** 0.5 * gain + bias
    return normalised


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m n"),
        array("x", "m n", draw=shifted_rows),
        array("gain", "n"),
        array("bias", "n"),
    ),
    sizes=({"m": 2, "n": 80}, {"m": 1, "n": 64}, {"m": 3, "n": 5}, {"m": 2, "n": 150}),
    fresh={"m": (1, 5), "n": (3, 150)},
    launch=lambda size: Launch((size["m"],), (THREADS,)),
    reference=layer_norm,
    tolerance=Tolerance(relative=1e-3, absolute=1e-3),
    limits=(
        Limit("global loads", "5 * m * n", why="x is read for mean, variance and result, gain and bias once."),
        Limit(
            "global loads of the busiest thread",
            "5 * ceil(n / 64)",
            why="The 64 threads of the block share a row evenly.",
        ),
        Limit("global stores", "m * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "ceil(n / 64)", why="Shared evenly."),
    ),
    prediction=Prediction(
        "2 rows of 80: how many elements are read, if x is read anew for the mean, the variance and the result?",
        800,
        "5 x 160: x three times, gain and bias once each. They are the same for all rows, and read again for each.",
        measured="global loads",
    ),
    hints=(
        "Three loops with the same bounds, `range(t, n, THREADS)`, and a block_sum after the first and the second.",
        "All threads of the block have to call block_sum, since there are barriers in it: call it after "
        "the loop, not inside.",
        "`mean = block_sum(partial, total) / float32(n)`, then the sum of `(x[row, j] - mean) ** 2`, whose block_sum "
        "over n is the variance.",
    ),
)
