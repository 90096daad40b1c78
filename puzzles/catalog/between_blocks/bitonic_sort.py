"""A sorting network.

Put a into ascending order, in place. A bitonic network (Batcher, "Sorting networks and their applications", 1968)
compares fixed pairs, whatever the data, and puts the smaller value first: ideal for threads. It merges sorted stretches
two by two, into one of `width`. The first step of a merge compares i with its mirror image, i ^ (width - 1); the others
compare i with i ^ half, for half = width / 4, ..., 2, 1. Pairs that reach beyond the end of a are in order.

Every step needs the one before it to be complete. Steps inside a stretch of 128 fit into a block's shared memory: 64
threads, a pair each, a barrier before each step. Pairs farther apart belong to different blocks, and for those only the
end of a launch is a barrier. So `sort` sorts stretches of 128; then a width of 256 takes one launch of `exchange`, for
the mirror images, and one of `merge` for all other steps; a width of 512 takes two of `exchange` before its `merge`.
"""

import math

import numpy as np
from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Size, updated

THREADS = 64
STRETCH = 128


@cuda.jit(device=True)
def order(values, i, j):
    """Put the smaller of two values first."""
    x = values[i]
    y = values[j]
    values[i] = min(x, y)
    values[j] = max(x, y)


@cuda.jit(device=True)
def fetch(tile, a):
    """Copy the block's stretch of a into its tile; beyond the end nothing is larger."""
    for k in range(cuda.threadIdx.x, STRETCH, THREADS):
        i = cuda.blockIdx.x * STRETCH + k
        tile[k] = a[i] if i < a.shape[0] else float32(math.inf)


@cuda.jit(device=True)
def put_back(a, tile):
    """Copy the tile back, up to the end of a."""
    for k in range(cuda.threadIdx.x, STRETCH, THREADS):
        i = cuda.blockIdx.x * STRETCH + k
        if i < a.shape[0]:
            a[i] = tile[k]


@cuda.jit(device=True)
def finish(tile, half):
    """The steps of a merge from this distance down."""
    t = cuda.threadIdx.x
    # HOLE: in each step wait, order this thread's pair, `half` apart, and halve the distance.
    while half > 0:
        cuda.syncthreads()
        i = t // half * half * 2 + t % half
        order(tile, i, i ^ half)
        half //= 2
    # END HOLE


@cuda.jit
def sort(a):
    tile = cuda.shared.array(STRETCH, float32)
    t = cuda.threadIdx.x
    fetch(tile, a)
    # HOLE: for each width from 2 to 128: wait, order two mirror images, finish the merge. Wait once more in the end.
    width = 2
    while width <= STRETCH:
        cuda.syncthreads()
        half = width // 2
        i = t // half * width + t % half
        order(tile, i, i ^ (width - 1))
        finish(tile, half // 2)
        width *= 2
    cuda.syncthreads()
    # END HOLE
    put_back(a, tile)


@cuda.jit
def exchange(a, half, mask):
    # HOLE: in a itself, order i and i ^ mask, for the pair of this thread among pairs `half` apart.
    t = cuda.grid(1)
    i = t // half * half * 2 + t % half
    if i ^ mask < a.shape[0]:
        order(a, i, i ^ mask)
    # END HOLE


@cuda.jit
def merge(a):
    tile = cuda.shared.array(STRETCH, float32)
    fetch(tile, a)
    finish(tile, STRETCH // 2)
    cuda.syncthreads()
    put_back(a, tile)


def launches(size: Size) -> tuple[Launch, ...]:
    """Sort stretches of 128, then merge them to 256, 512 and so on, as far as a is long."""
    n = size["n"]
    blocks = -(-n // STRETCH)
    found = [Launch((blocks,), (THREADS,), kernel="sort", arguments=("a",))]
    width = 2 * STRETCH
    while width < 2 * n:
        half, mask = width // 2, width - 1
        while half >= STRETCH:
            grid = -(-n // width) * width // STRETCH
            found.append(Launch((grid,), (THREADS,), kernel="exchange", arguments=("a", half, mask)))
            half = mask = half // 2
        found.append(Launch((blocks,), (THREADS,), kernel="merge", arguments=("a",)))
        width *= 2
    return tuple(found)


ACCESSES = (
    "n * (1 + (n > 128) + (n > 256)) + sum((i ^ 255) < n for i in range(n))"
    " + (n > 256) * sum(((i ^ 511) < n) + ((i ^ 128) < n) for i in range(n))"
)
"""Up to n = 512: `sort` and each `merge` take all elements, an `exchange` those with a partner."""


SPEC = Puzzle(
    module=__name__,
    parameters=(updated("a", "n"),),
    sizes=({"n": 256}, {"n": 1}, {"n": 33}, {"n": 300}),
    fresh={"n": (2, 140)},
    launch=launches,
    reference=np.sort,
    limits=(
        Limit("global loads", ACCESSES, why="A launch reads an element once; an exchange, if it has a partner."),
        Limit("global stores", ACCESSES, why="A launch stores an element once; an exchange, if it has a partner."),
        Limit("global loads of the busiest thread", "2", why="A thread copies two elements, or orders one pair."),
        Limit(
            "barriers",
            "ceil(n / 128) * (29 + 8 * ((n > 128) + (n > 256)))",
            why="Sorting 128 takes 28 steps and merging 7, with a barrier before each and one in the end.",
        ),
        Limit("global atomics", "0", why="The pairs of one step have nothing in common."),
    ),
    par=Par("global loads", naive="36 * n", par="3 * n"),
    prediction=Prediction(
        "A network for 256 elements has 36 steps. How many elements do the three launches read?",
        768,
        "Each launch reads all 256 once: `sort` does 28 steps, `exchange` one and `merge` seven. A launch for "
        "each step would read 9216.",
        measured="global loads",
    ),
    hints=(
        "For pairs `half` apart, thread t has i = t // half * half * 2 + t % half. With half = 2 that is 0, 1, 4, 5, "
        "8, 9 and so on.",
        "In `finish`: `cuda.syncthreads()`, `order(tile, i, i ^ half)`, `half //= 2`. All threads execute all "
        "barriers, as half is the same for all.",
        "In `sort`, width = 2, 4, ..., 128: barrier, `order(tile, i, i ^ (width - 1))` with half = width // 2, then "
        "`finish(tile, width // 4)`. In `exchange`: `if i ^ mask < a.shape[0]`.",
    ),
)
