"""A tile that is too big.

Account i has 32 bookings, a row of `records`; out[i] is its lowest balance: the smallest running sum of the row, and at
most 0, where it starts. One thread walks along one row; but then neighbours read 32 elements apart, and memory moves
sectors of eight. So each warp fetches its 32 rows together, along the rows, into shared memory, which all threads of a
block read and write, and each thread takes its own row from there. `cuda.syncwarp()` waits for the warp: before it
reads what it has written, and before it writes anew. A tile for whole rows has 128 x 33 numbers (33, so that the rows
begin in different banks). A multiprocessor has 227 KiB of shared memory: too few such blocks fit for the 64 warps that
it could run, and it takes many warps to hide how long memory takes. A few columns at a time need less.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 128
BOOKINGS = 32


@cuda.jit
def kernel(out, records):
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    lane = cuda.laneid
    balance = float32(0)
    lowest = float32(0)
    # HOLE: the warp fetches a few columns of its 32 rows, each thread walks on; again, until all are read.
    tile = cuda.shared.array((THREADS, 9), float32)
    for first in range(0, BOOKINGS, 8):
        for k in range(8):
            row = 4 * k + lane // 8
            tile[t - lane + row, lane % 8] = records[i - lane + row, first + lane % 8]
        cuda.syncwarp()
        for k in range(8):
            balance += tile[t, k]
            lowest = min(lowest, balance)
        cuda.syncwarp()
    # END HOLE
    out[i] = lowest


def lowest_balance(records: Array) -> Array:
    """The smallest running sum of each row, at most 0."""
    return np.minimum(np.cumsum(records, axis=1).min(axis=1), 0)


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "128*blocks"), array("records", "128*blocks 32")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 3)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lowest_balance,
    limits=(
        Limit("global loads", "4096 * blocks", why="Each booking is read once."),
        Limit("global load sectors", "512 * blocks", why="A warp that reads along the rows fills every sector."),
        Limit(
            "occupancy", "100", "at least", why="Shared memory for 16 blocks of 128 threads: 13 KiB a block, no more."
        ),
        Limit("global stores", "128 * blocks", why="Each result is stored once."),
        Limit("barriers", "0", why="Each warp has rows of its own: no block has to wait."),
    ),
    par=Par("global load sectors", naive="4096 * blocks", par="512 * blocks"),
    prediction=Prediction(
        "A block has 128 threads and a tile of 128 x 33 float32; a multiprocessor has 227 KiB of shared memory, and "
        "room for 64 warps. How many warps run on it at a time?",
        48,
        "The tile is 16.5 KiB, and each block takes 1 KiB more for itself: twelve blocks of four warps fit, 75 per "
        "cent. Tiles of 128 x 9 are 4.5 KiB, and sixteen blocks fit.",
    ),
    hints=(
        "Eight columns fill a sector. With a tile of 128 x 9 the warp fetches columns 0 to 7 of its rows, every thread "
        "goes through its eight, and then come columns 8 to 15.",
        "32 threads read four rows of eight columns at once: thread `lane` has row lane // 8 of the four, and column "
        "lane % 8. The rows of the warp begin at i - lane in `records` and at t - lane in the tile.",
        "`row = 4 * k + lane // 8`, then `tile[t - lane + row, lane % 8] = records[i - lane + row, first + lane % 8]` "
        "for k from 0 to 7; `cuda.syncwarp()` after these, and after the walk.",
    ),
)
