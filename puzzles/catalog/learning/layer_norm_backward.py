"""Backward of layer norm.

Forward it was out = xhat * gain + bias with xhat = (x - mean) * rstd, and mean and rstd = 1 / sqrt(variance + EPS) of
each row were kept. Backward, with g = dout * gain, row by row dx = rstd * (g - mean(g) - xhat * mean(g * xhat)), and
column by column dgain = sum of dout * xhat and dbias = sum of dout. `rows` has a block of 64 threads for each row, and
two sums over it. `columns` has blocks of 32 by 4 threads for 32 columns: thread (x, y) adds up the rows y, y + 4 and so
on, then the four partial sums of each column meet in shared memory. No atomics: floating point sums depend on their
order, and this order is the same in every run.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, Tolerance, array, derived, output

THREADS = 64
WIDE = 32
HIGH = 4


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
def rows(dx, dout, x, gain, mean, rstd):
    partial = cuda.shared.array(THREADS, float32)
    i = cuda.blockIdx.x
    t = cuda.threadIdx.x
    n = x.shape[1]
    centre = mean[i]
    scale = rstd[i]
    # HOLE: one pass for both sums over the row; block_sum makes means of them.
    shares = float32(0)
    products = float32(0)
    for j in range(t, n, THREADS):
        g = dout[i, j] * gain[j]
        shares += g
        products += g * ((x[i, j] - centre) * scale)
    shares = block_sum(partial, shares) / float32(n)
    products = block_sum(partial, products) / float32(n)
    # END HOLE
    # HOLE: a second pass for dx.
    for j in range(t, n, THREADS):
        xhat = (x[i, j] - centre) * scale
        dx[i, j] = scale * (dout[i, j] * gain[j] - shares - xhat * products)
    # END HOLE


@cuda.jit
def columns(dgain, dbias, dout, x, mean, rstd):
    gains = cuda.shared.array((HIGH, WIDE), float32)
    biases = cuda.shared.array((HIGH, WIDE), float32)
    y = cuda.threadIdx.y
    lane = cuda.threadIdx.x
    j = cuda.blockIdx.x * WIDE + lane
    m, n = x.shape
    # HOLE: this thread's rows of column j into the two tiles; wait.
    gain = float32(0)
    bias = float32(0)
    if j < n:
        for i in range(y, m, HIGH):
            d = dout[i, j]
            gain += d * ((x[i, j] - mean[i]) * rstd[i])
            bias += d
    gains[y, lane] = gain
    biases[y, lane] = bias
    cuda.syncthreads()
    # END HOLE
    # HOLE: one thread a column adds four partial sums, in order.
    if y == 0 and j < n:
        for k in range(1, HIGH):
            gain += gains[k, lane]
            bias += biases[k, lane]
        dgain[j] = gain
        dbias[j] = bias
    # END HOLE


def launches(size: Size) -> tuple[Launch, ...]:
    """A block for each row, then a block for every 32 columns."""
    return (
        Launch((size["m"],), (THREADS,), kernel="rows", arguments=("dx", "dout", "x", "gain", "mean", "rstd")),
        Launch(
            (-(-size["n"] // WIDE),),
            (WIDE, HIGH),
            kernel="columns",
            arguments=("dgain", "dbias", "dout", "x", "mean", "rstd"),
        ),
    )


def off_centre(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Rows of spread 2 around a centre of 5, so that neither mean nor rstd can be left out."""
    return np.asarray(5 + 2 * rng.standard_normal(shape))


def layer_norm_backward(dout: Array, x: Array, gain: Array, mean: Array, rstd: Array) -> tuple[Array, Array, Array]:
    """The chain rule through mean and variance: Ba, Kiros and Hinton (2016), equation 4; Ioffe and Szegedy,
    "Batch Normalization" (2015), section 3, has the same derivation for columns."""
    xhat = (x - mean[:, None]) * rstd[:, None]
    g = dout * gain
    projected = g - g.mean(axis=1, keepdims=True) - xhat * (g * xhat).mean(axis=1, keepdims=True)
    return rstd[:, None] * projected, (dout * xhat).sum(axis=0), dout.sum(axis=0)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("dx", "m n"),
        output("dgain", "n"),
        output("dbias", "n"),
        array("dout", "m n"),
        array("x", "m n", draw=off_centre),
        array("gain", "n"),
        derived("mean", "m", of=lambda before: before["x"].mean(axis=1)),
        derived("rstd", "m", of=lambda before: 1 / np.sqrt(before["x"].var(axis=1) + 1e-5)),
    ),
    sizes=(
        {"m": 6, "n": 40},
        {"m": 1, "n": 3},
        {"m": 3, "n": 31},
        {"m": 4, "n": 33},
        {"m": 9, "n": 70},
    ),
    fresh={"m": (1, 20), "n": (3, 130)},
    launch=launches,
    reference=layer_norm_backward,
    tolerance=Tolerance(relative=1e-4, absolute=3e-5),
    limits=(
        Limit(
            "global loads",
            "10 * m * n + 128 * m",
            why="For dx two passes over dout, x and gain, and 64 threads with mean and rstd; for the columns dout, x, "
            "mean and rstd of each element.",
        ),
        Limit(
            "global load sectors of x",
            "3 * m * (ceil(n / 8) + ceil(n / 32))",
            why="Each of three passes reads 32 neighbours of a row at once: 4 sectors, or 5 if they start within one.",
        ),
        Limit("global stores", "m * n + 2 * n", why="Each result is stored once."),
        Limit("global stores of the busiest thread", "max(2, ceil(n / 64))", why="Shared evenly."),
        Limit("global atomics", "0", why="Sums in a fixed order are the same in every run."),
    ),
    par=Par("global loads", naive="13 * m * n + 128 * m", par="10 * m * n + 128 * m"),
    prediction=Prediction(
        "Which cells of dout does thread (3, 1) of the first block of `columns` read for m=6, n=40?",
        ((1, 3), (5, 3)),
        "x is the column, and the rows go in steps of 4 from y. The 32 threads of a warp read 32 neighbours each time.",
        measured="cells of dout by (3, 1)",
    ),
    hints=(
        "mean(g) and mean(g * xhat) are sums over the same elements: one loop adds up both, and block_sum is called "
        "twice after it, by all threads.",
        "A thread of `columns` that has no column still writes zeros into the tiles and arrives at the barrier. "
        "Row k of a tile is thread (x, k)'s partial sum.",
        "dx[i, j] = scale * (dout[i, j] * gain[j] - shares - xhat * products). For dgain: "
        "gain += d * ((x[i, j] - mean[i]) * rstd[i]), with d = dout[i, j] read once.",
    ),
)
