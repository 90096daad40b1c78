"""Weights of one byte.

Y = X W^T, as in a linear layer: X has m rows of activations, W a row of k weights for each of n outputs. For a few rows
of X the time goes into reading W, so language models keep it in bytes (int8): w[j, k] * scale[j] stands for the weight,
with one scale a row (Dettmers and others, "LLM.int8()", 2022). y[i, j] = scale[j] * (the sum over k of x[i, k] *
w[j, k]): scale once, at the end, not every weight.

A block of 8 by 8 threads takes 8 rows of X and 8 of W, in steps of 32 columns. A row of its tile of W is 32 bytes, and
a byte a thread would be four times the requests: `w.view(np.int32)` has four weights in each word, the first in the
lowest byte. Each thread reads one word and unpacks it into four floats of w_tile. Byte q of a word with its sign: shift
it to the top, `int32(word << (24 - 8 * q))`, then down again, `>> 24`. Rows of the tiles are 33 wide, for the banks.
"""

import numpy as np
from numba import cuda, float32, int32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, output

TILE = 8
DEPTH = 32
PITCH = 33


@cuda.jit
def kernel(out, x, w, scale):
    x_tile = cuda.shared.array((TILE, PITCH), float32)
    w_tile = cuda.shared.array((TILE, PITCH), float32)
    j, i = cuda.grid(2)
    column = cuda.threadIdx.x
    row = cuda.threadIdx.y
    t = row * TILE + column
    m, depth = x.shape
    total = float32(0)
    for first in range(0, depth, DEPTH):
        for k in range(t, TILE * DEPTH, TILE * TILE):
            r = cuda.blockIdx.y * TILE + k // DEPTH
            x_tile[k // DEPTH, k % DEPTH] = x[r, first + k % DEPTH] if r < m else float32(0)
        # HOLE: read word `column` of row `row` of this step's tile of w, unpack its four weights; wait, multiply, wait.
        word = w.view(np.int32)[cuda.blockIdx.x * TILE + row, first // 4 + column]
        for q in range(4):
            w_tile[row, 4 * column + q] = float32(int32(word << (24 - 8 * q)) >> 24)
        cuda.syncthreads()
        for k in range(DEPTH):
            total += x_tile[row, k] * w_tile[column, k]
        cuda.syncthreads()
        # END HOLE
    # HOLE: scale, and store.
    if i < m:
        out[i, j] = total * scale[j]
    # END HOLE


def weights(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """All bytes, from -128 to 127."""
    return rng.integers(-128, 128, size=shape)


def scales(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Weights of around 1."""
    return rng.uniform(0.005, 0.02, size=shape)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "m 8*n"),
        array("x", "m 32*k"),
        array("w", "8*n 32*k", "int8", weights),
        array("scale", "8*n", draw=scales),
    ),
    sizes=({"m": 8, "k": 2, "n": 2}, {"m": 1, "k": 1, "n": 1}, {"m": 3, "k": 3, "n": 1}, {"m": 9, "k": 1, "n": 3}),
    fresh={"m": (1, 17), "k": (1, 3), "n": (1, 3)},
    launch=lambda size: Launch((size["n"], -(-size["m"] // TILE)), (TILE, TILE)),
    reference=lambda x, w, scale: (x @ w.T) * scale,
    limits=(
        Limit(
            "global loads",
            "32 * m * k * n + 256 * k * n * ceil(m / 8) + 8 * m * n",
            why="X is read once per column of blocks, W once per row of blocks, and a scale once for each output.",
        ),
        Limit("global load bytes of w", "256 * k * n * ceil(m / 8)", why="A weight is one byte, read once a block."),
        Limit(
            "global load requests of w", "2 * k * n * ceil(m / 8)", why="A warp reads 32 words, 128 weights, at once."
        ),
        Limit("global stores", "8 * m * n", why="Each output is stored once."),
        Limit("global stores of the busiest thread", "1", why="One output is one thread's work."),
        Limit("shared bank conflicts", "0", why="Rows that are 33 wide begin in different banks."),
    ),
    par=Par("global load bytes of w", naive="8192", par="1024"),
    prediction=Prediction(
        "W is 16 by 64. How many bytes of it are read? As float32 it would be 4096.",
        1024,
        "One row of blocks reads each weight once, and a weight is one byte.",
        measured="global load bytes of w",
    ),
    hints=(
        "In `w.view(np.int32)` columns count in words of four weights: this step begins at word first // 4.",
        "Weights 4 * column to 4 * column + 3 of the tile's row come out of one word, q = 0 from its lowest byte. A "
        "byte above 127 is a negative weight: shifting down from the top keeps the sign.",
        "`w_tile[row, 4 * column + q] = float32(int32(word << (24 - 8 * q)) >> 24)` for q = 0, 1, 2, 3; then the "
        "barrier. In the end `if i < m: out[i, j] = total * scale[j]`.",
    ),
)
