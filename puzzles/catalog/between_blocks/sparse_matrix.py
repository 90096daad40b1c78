"""A sparse matrix times a vector.

y = A x, where most of A is zero. Compressed rows (CSR) keep the rest: `values` row after row, `columns` beside them,
and row i lies from starts[i] up to, but not including, starts[i + 1]: y[i] is the sum of values[k] * x[columns[k]] over
these k. Rows differ in length, like the frequencies of words: row i has longest // (i + 1) values. A thread for each
row would read far apart from its neighbours, a sector for every number, and wait for the longest row. Give each row a
warp: its threads read 32 neighbours at a time, and add their sums by shuffles. Blocks have two warps.
"""

from itertools import pairwise

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Parameter, Prediction, Puzzle, Size, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(y, starts, columns, values, x):
    row = cuda.grid(1) // 32
    lane = cuda.laneid
    if row < y.shape[0]:
        total = float32(0)
        # HOLE: add up this thread's share of the row, then those of the warp; one store a row.
        for k in range(starts[row] + lane, starts[row + 1], 32):
            total += values[k] * x[columns[k]]
        step = 16
        while step > 0:
            total += cuda.shfl_down_sync(EVERYONE, total, step)
            step //= 2
        if lane == 0:
            y[row] = total
        # END HOLE


def row_starts(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Where the rows begin, and where the last one ends: lengths as in Zipf's law."""
    lengths = [size["longest"] // (row + 1) for row in range(size["m"])]
    return np.cumsum([0, *lengths])


def row_columns(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Different columns in each row, in ascending order."""
    lengths = np.diff(row_starts(rng, (), size))
    return np.concatenate([np.sort(rng.choice(size["n"], length, replace=False)) for length in lengths])


def product(starts: Array, columns: Array, values: Array, x: Array) -> Array:
    """Saad, "Iterative Methods for Sparse Linear Systems" (2003), section 3.4: the format, and this product."""
    terms = values * x[columns]
    return np.array([terms[first:last].sum() for first, last in pairwise(starts)])


ALL = "sum(longest // (i + 1) for i in range(m))"
"""Values of the whole matrix."""

WARPS = "sum(ceil(longest // (i + 1) / 32) for i in range(m))"
"""Stretches of up to 32 values, each in one row."""

SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("y", "m"),
        array("starts", "m+1", "int32", row_starts),
        Parameter("columns", "in", (ALL,), "int32", row_columns),
        Parameter("values", "in", (ALL,)),
        array("x", "n"),
    ),
    sizes=(
        {"m": 8, "n": 200, "longest": 100},
        {"m": 1, "n": 1, "longest": 1},
        {"m": 3, "n": 33, "longest": 33},
        {"m": 33, "n": 40, "longest": 31},
    ),
    fresh={"m": (1, 12), "longest": (1, 100)},
    launch=lambda size: Launch((-(-size["m"] // 2),), (THREADS,)),
    reference=product,
    needs=f"m + 1 + 2 * {ALL}",
    limits=(
        Limit(
            "global loads",
            f"64 * m + 3 * {ALL}",
            why="All threads of a warp read the bounds of their row; each value, its column and its x are read once.",
        ),
        Limit("global load requests of values", WARPS, why="A warp reads 32 values of its row at a time."),
        Limit("global load sectors of values", f"5 * {WARPS}", why="32 neighbours lie in five sectors at most."),
        Limit("global load sectors of columns", f"5 * {WARPS}", why="32 neighbours lie in five sectors at most."),
        Limit("global stores", "m", why="One store a row."),
        Limit("global atomics", "0", why="The threads of a warp add their sums by shuffles."),
        Limit("shared loads", "0", why="Shuffles need no shared memory."),
        Limit("barriers", "0", why="The threads of a warp meet at the shuffle itself."),
    ),
    par=Par("global load sectors of values", naive="270", par="42"),
    prediction=Prediction(
        "The first row has 100 values. How many times does the loop of thread 5 of its warp go round?",
        3,
        "Thread 5 takes values 5, 37 and 69; 101 is beyond the end. Threads 0 to 3 go round four times.",
    ),
    hints=(
        "Neighbouring threads take neighbouring values: thread `lane` begins at starts[row] + lane.",
        "It goes on by 32, the threads of a warp: `for k in range(starts[row] + lane, starts[row + 1], 32)`.",
        "The shuffles stand behind the loop, where all 32 threads of the warp meet again, also those without a value. "
        "Then `if lane == 0: y[row] = total`.",
    ),
)
