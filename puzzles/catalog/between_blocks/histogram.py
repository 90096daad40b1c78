"""A histogram.

counts[k] += the number of elements of a that are k, for whole numbers from 0 to 63. Blocks cannot see each other's
shared memory, so counts in global memory have to be changed by atomics. One for each element makes a thousand, half of
which queue for the same number, as half of all elements are alike. Let each block count in shared memory first, where
atomics are cheap, and add its 64 counts at the end: 64 global atomics a block, however long a is. The counts of earlier
batches are there already, and stay in.
"""

import numpy as np
from numba import cuda, int32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, updated

BINS = 64


@cuda.jit
def kernel(counts, a):
    bins = cuda.shared.array(BINS, int32)
    t = cuda.threadIdx.x
    # HOLE: clear the block's own counts; wait; count this thread's elements; wait; add to the counts of all blocks.
    bins[t] = 0
    cuda.syncthreads()
    for i in range(cuda.grid(1), a.shape[0], cuda.gridsize(1)):
        cuda.atomic.add(bins, a[i], 1)
    cuda.syncthreads()
    cuda.atomic.add(counts, t, bins[t])
    # END HOLE


def crowded(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Whole numbers from 0 to 63, of which one is as frequent as all others together."""
    numbers = rng.integers(BINS, size=shape)
    numbers[rng.random(shape) < 0.5] = rng.integers(BINS)
    return numbers


def earlier_counts(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """What earlier batches have left."""
    return rng.integers(100, size=shape)


SPEC = Puzzle(
    module=__name__,
    parameters=(updated("counts", "64", "int32", earlier_counts), array("a", "n", "int32", crowded)),
    sizes=({"n": 1000, "blocks": 2}, {"n": 1, "blocks": 1}, {"n": 33, "blocks": 3}, {"n": 200, "blocks": 1}),
    fresh={"n": (2, 400), "blocks": (1, 3)},
    launch=lambda size: Launch((size["blocks"],), (BINS,)),
    reference=lambda counts, a: counts + np.bincount(a, minlength=BINS),
    needs="n",
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit(
            "global loads of the busiest thread",
            "ceil(n / (64 * blocks))",
            why="The threads of all blocks share the elements.",
        ),
        Limit("global atomics", "64 * blocks", why="A block adds each of its 64 counts once."),
        Limit("global stores", "64 * blocks", why="Only atomics change the counts of all blocks."),
        Limit("shared atomics", "n", why="One for each element, among the threads of a block."),
        Limit("barriers", "2 * blocks", why="One after clearing, one after counting."),
    ),
    par=Par("global atomics", naive="n", par="64 * blocks"),
    prediction=Prediction(
        "How many atomics on global memory do the two blocks need for 1000 elements?",
        128,
        "Each block adds 64 counts. For a million elements it would be 128 as well.",
        measured="global atomics",
    ),
    hints=(
        "Two elements of a block may be equal: within the block, too, only atomics count right.",
        "Shared memory holds anything at first. Thread t clears bins[t], and nobody counts before all have done so.",
        "`cuda.atomic.add(bins, a[i], 1)` in a grid-stride loop; after a barrier, once a thread, "
        "`cuda.atomic.add(counts, t, bins[t])`.",
    ),
)
