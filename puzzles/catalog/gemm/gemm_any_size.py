"""General matrix product, any size.

C = alpha A B + beta C, where A is m by k, B is k by n, and none of them need be a multiple of the tile.
Blocks are square, of 4 by 4 threads or of 8 by 8, the two shared tiles have room for either, and C
holds the old values when the kernel starts. Tiles stick out over the edges: a thread that would read
outside a matrix puts 0 into its tile instead, which adds nothing to the sum. Threads outside C store
nothing, but they must still help to fill the tiles and arrive at every barrier. As in BLAS, C is not
read if beta is 0: it may then hold anything, even NaN.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, scalar, updated

LARGEST = 8


@cuda.jit
def kernel(c, a, b, alpha, beta):
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    m, n = c.shape
    depth = a.shape[1]
    tile = cuda.blockDim.x
    a_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    b_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    total = float32(0)
    for first in range(0, depth, tile):
        # HOLE: copy with guards (zeros outside), wait, multiply, wait.
        a_tile[y, x] = float32(0)
        b_tile[y, x] = float32(0)
        if i < m and first + x < depth:
            a_tile[y, x] = a[i, first + x]
        if j < n and first + y < depth:
            b_tile[y, x] = b[first + y, j]
        cuda.syncthreads()
        for k in range(tile):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
        # END HOLE
    # HOLE: the threads inside C store alpha * total, and add beta * (the old value) unless beta is 0.
    if i < m and j < n:
        result = alpha * total
        if beta != 0:
            result += beta * c[i, j]
        c[i, j] = result
    # END HOLE


def drawn_c(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Old values, or nothing but NaN where the kernel has no business to look."""
    return rng.standard_normal(shape) if size["beta"] else np.full(shape, np.nan)


def drawn_beta(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """The size's own beta."""
    return np.asarray(size["beta"])


def general_product(c: Array, a: Array, b: Array, alpha: float, beta: float) -> Array:
    """Lawson, Hanson, Kincaid and Krogh's BLAS conventions: `c` is not looked at if beta is 0."""
    product: Array = alpha * (a @ b)
    return product + beta * c if beta else product


def launch(size: Size) -> Launch:
    """A thread an element of C, in square blocks."""
    tile = size.get("tile", 4)
    return Launch((-(-size["n"] // tile), -(-size["m"] // tile)), (tile, tile))


SPEC = Puzzle(
    module=__name__,
    parameters=(
        updated("c", "m n", draw=drawn_c),
        array("a", "m k"),
        array("b", "k n"),
        scalar("alpha"),
        scalar("beta", draw=drawn_beta),
    ),
    sizes=(
        {"m": 5, "k": 7, "n": 3, "beta": 2, "tile": 4},
        {"m": 4, "k": 8, "n": 4, "beta": 0, "tile": 4},
        {"m": 9, "k": 2, "n": 13, "beta": 1, "tile": 8},
        {"m": 17, "k": 19, "n": 9, "beta": 1, "tile": 8},
        {"m": 1, "k": 1, "n": 1, "beta": 2, "tile": 8},
    ),
    fresh={"m": (1, 14), "k": (1, 14), "n": (1, 14), "beta": (0, 3)},
    launch=launch,
    reference=general_product,
    needs="m * k + k * n + (m * n if beta else 0)",
    limits=(
        Limit(
            "global loads",
            "m * k * ceil(n / tile) + k * n * ceil(m / tile) + m * n * (beta != 0)",
            why="A is read once per column of blocks, B once per row of blocks, and C once.",
        ),
        Limit("global stores", "m * n", why="Each element of C is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
    ),
    par=Par(
        "global loads",
        naive="2 * m * k * n + m * n * (beta != 0)",
        par="m * k * ceil(n / tile) + k * n * ceil(m / tile) + m * n * (beta != 0)",
    ),
    prediction=Prediction(
        "C is 5 by 3, and blocks are 4 by 4. How many threads of the launch have no element of C?",
        17,
        "Two blocks have 32 threads, and C has 15 elements. The other 17 still fill tiles and come to every barrier.",
    ),
    hints=(
        "An early `return` for threads outside C looks tempting, but the threads that stay would wait "
        "for it at the barrier, and part of the tile would never be filled.",
        "a[i, first + x] exists if i < m and first + x < depth. For B the two conditions are different ones.",
        "Why zeros, rather than shortening the loop over k? Both work; with zeros the loop has no condition.",
        "beta * c[i, j] is one more read for each element of C. Do it once, at the end, and only if beta "
        "is not 0: 0 times NaN is NaN.",
    ),
)
