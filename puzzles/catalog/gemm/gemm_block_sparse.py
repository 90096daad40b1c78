"""A matrix with blocks left out.

C = A B, where A consists of blocks of 8 by 8, most of them zero and not stored: `starts` and `columns` are those of the
sparse matrix by vector, with a block in place of each number. Row r of blocks has blocks[p] for p from starts[r] up to,
but not including, starts[r + 1], and blocks[p] stands in column columns[p] of blocks. A block of 8 by 8 threads
computes 8 by 8 elements of C; its loop goes over the blocks that are there, and what it reads is in proportion to them.
Large models are pruned like this, and attention that leaves out most pairs of tokens has this form (Gray, Radford and
Kingma, "GPU kernels for block-sparse weights", 2017). A row without blocks is a row of zeros.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, output

SIDE = 8


@cuda.jit
def kernel(c, starts, columns, blocks, b):
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    row = cuda.blockIdx.y
    a_tile = cuda.shared.array((SIDE, SIDE), float32)
    b_tile = cuda.shared.array((SIDE, SIDE), float32)
    total = float32(0)
    # HOLE: for each block of this row: copy it, and the rows of B that belong to its columns; wait, multiply, wait.
    for p in range(starts[row], starts[row + 1]):
        a_tile[y, x] = blocks[p, y, x]
        b_tile[y, x] = b[columns[p] * SIDE + y, j]
        cuda.syncthreads()
        for k in range(SIDE):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    # END HOLE
    c[i, j] = total


def kept(size: Size) -> tuple[Array, Array]:
    """Rows and columns of the blocks that are kept, in order; the same for every matrix of one size."""
    places = size["m"] * size["k"]
    chosen = np.sort(np.random.default_rng([places, 1]).choice(places, size["kept"], replace=False))
    return chosen // size["k"], chosen % size["k"]


def row_starts(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Where each row of blocks begins, and where the last one ends."""
    return np.searchsorted(kept(size)[0], np.arange(size["m"] + 1))


def block_columns(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """The column of each block."""
    return kept(size)[1]


def product(starts: Array, columns: Array, blocks: Array, b: Array) -> Array:
    """Put the blocks into a dense matrix, and multiply."""
    rows = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
    dense = np.zeros((len(starts) - 1, len(b) // SIDE, SIDE, SIDE))
    dense[rows, columns] = blocks
    return np.asarray(dense.swapaxes(1, 2).reshape(-1, len(b)) @ b)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("c", "8*m 8*n"),
        array("starts", "m+1", "int32", row_starts),
        array("columns", "kept", "int32", block_columns),
        array("blocks", "kept 8 8"),
        array("b", "8*k 8*n"),
    ),
    sizes=(
        {"m": 4, "k": 6, "n": 2, "kept": 6},
        {"m": 1, "k": 1, "n": 1, "kept": 1},
        {"m": 3, "k": 2, "n": 1, "kept": 2},
        {"m": 2, "k": 3, "n": 3, "kept": 6},
    ),
    fresh={"m": (2, 4), "k": (3, 6), "n": (1, 2), "kept": (1, 6)},
    launch=lambda size: Launch((size["n"], size["m"]), (SIDE, SIDE)),
    reference=product,
    needs="m + 1 + 65 * kept",
    limits=(
        Limit(
            "global loads",
            "192 * n * kept + 128 * m * n",
            why="For each block that is kept a thread reads one element of it, one of B, and the column; before, the "
            "bounds of its row.",
        ),
        Limit("global load sectors of blocks", "8 * n * kept", why="A block is 8 rows, each one sector."),
        Limit(
            "global load sectors of b", "8 * n * kept", why="8 rows of B, one sector each, for a block that is kept."
        ),
        Limit("global stores", "64 * m * n", why="Each element of C is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
        Limit("barriers", "2 * n * kept", why="Two for each block that is kept."),
    ),
    par=Par("global load sectors of b", naive="384", par="96"),
    prediction=Prediction(
        "6 of 24 blocks are kept, and C is two blocks wide. At how many barriers do blocks of threads wait, in all?",
        24,
        "Two for each block that is kept, in each of the two columns of C. A dense product has 96.",
        measured="barriers",
    ),
    hints=(
        "The tiled product goes over all columns of blocks; this one over p from starts[row] to starts[row + 1]. All "
        "threads of a block have the same row, so barriers may stand in the loop.",
        "The tile of A is blocks[p], as it is. The rows of B that it meets have the numbers of its columns.",
        "`b_tile[y, x] = b[columns[p] * SIDE + y, j]`; the rest is the tiled product.",
    ),
)
