"""A tile that is too big.

n accounts have 32 bookings each, a row of `records` a piece, and out[i] is the lowest balance of account i: the
smallest of the running sums of its row, and at most 0, where it starts. A thread for each account walks through its row
from left to right, but then its neighbours lie 32 elements away, and memory moves sectors of eight. So the warp fetches
its 32 rows together, along the rows, into shared memory, which all threads of a block can read and write, and each
thread takes its own row from there. `cuda.syncwarp()` waits for all threads of the warp: after the warp has written,
before it reads, and before it writes anew. Whole rows need a tile of 256 x 33 numbers a block (33, so that the rows
begin in different banks), and a multiprocessor has 227 KiB of shared memory: too few blocks fit to fill it with its 64
warps, which is what hides the time that memory takes. A few columns at a time need less.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 256
BOOKINGS = 32


@cuda.jit
def kernel(out, records):
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    lane = cuda.laneid
    balance = float32(0)
    lowest = float32(0)
    # HOLE: the warp fetches a few columns of its 32 rows; each thread goes on with its row; again, until all are read.
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
    parameters=(output("out", "256*blocks"), array("records", "256*blocks 32")),
    sizes=({"blocks": 1}, {"blocks": 2}),
    fresh={"blocks": (1, 2)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lowest_balance,
    limits=(
        Limit("global loads", "8192 * blocks", why="Each booking is read once."),
        Limit("global load sectors", "1024 * blocks", why="A warp that reads along the rows fills every sector."),
        Limit(
            "occupancy", "100", "at least", why="Shared memory for 8 blocks of 256 threads: 28 KiB a block, no more."
        ),
        Limit("global stores", "256 * blocks", why="Each result is stored once."),
        Limit("barriers", "0", why="Each warp has rows of its own: no block has to wait."),
    ),
    par=Par("global load sectors", naive="8192 * blocks", par="1024 * blocks"),
    prediction=Prediction(
        "A block has 256 threads and a tile of 256 x 33 float32, a multiprocessor 227 KiB of shared memory and room for "
        "64 warps. How many warps run on it at a time?",
        48,
        "The tile is 33 KiB, and each block takes 1 KiB more for itself: six blocks of eight warps fit, 75 per cent. "
        "Tiles of 256 x 9 are 9 KiB, and eight blocks fit.",
    ),
    hints=(
        "Eight columns fill a sector. With a tile of 256 x 9 the warp fetches columns 0 to 7 of its rows, every thread "
        "goes through its eight, and then come columns 8 to 15.",
        "32 threads read four rows of eight columns at once: thread `lane` has row lane // 8 of the four, and column "
        "lane % 8. The rows of the warp begin at i - lane in `records` and at t - lane in the tile.",
        "`row = 4 * k + lane // 8`, then `tile[t - lane + row, lane % 8] = records[i - lane + row, first + lane % 8]` "
        "for k from 0 to 7; `cuda.syncwarp()` after these, and after the walk.",
    ),
)
