"""Tiled matrix product.

C = A B for 6 by 6 matrices, with a 2 by 2 grid of blocks of 3 by 3 threads. A block needs three rows of
A and three columns of B, more than its two 3 by 3 shared tiles hold. So it goes step by step: copy one
tile of A and one of B, multiply them, go on to the next pair of tiles. In two steps each thread reads 4
elements: 144 reads instead of 432. The step is as wide as the block, `cuda.blockDim.x`: larger blocks,
for which the tiles have room, are checked as well.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

LARGEST = 8


@cuda.jit
def kernel(c, a, b):
    j, i = cuda.grid(2)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    n = c.shape[0]
    tile = cuda.blockDim.x
    a_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    b_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    total = float32(0)
    # HOLE: for each pair of tiles: copy, wait, multiply, wait. Then store the sum.
    for first in range(0, n, tile):
        a_tile[y, x] = a[i, first + x]
        b_tile[y, x] = b[first + y, j]
        cuda.syncthreads()
        for k in range(tile):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    c[i, j] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "n n"), array("a", "n n"), array("b", "n n")),
    sizes=({"n": 6, "tile": 3}, {"n": 16, "tile": LARGEST}, {"n": 6, "tile": 2}),
    launch=lambda size: Launch((size["n"] // size["tile"],) * 2, (size["tile"],) * 2),
    reference=lambda a, b: a @ b,
    limits=(
        Limit(
            "global loads",
            "2 * n**3 // tile",
            why="Each element that a block reads serves a whole row or column of its threads.",
        ),
        Limit("global stores", "n * n", why="Add up in a local variable and store once at the end."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
    ),
    par=Par("global loads", naive="2 * n**3", par="2 * n**3 // tile"),
    prediction=Prediction(
        "How many elements of global memory does the whole grid read?",
        144,
        "36 threads read one element of a and one of b in each of two steps: 36 * 2 * 2.",
        measured="global loads",
    ),
    hints=(
        "In the step that starts at k = first, the block needs columns first to first + 2 of its three "
        "rows of A, and the same rows of its three columns of B.",
        "Thread (y, x) copies a[i, first + x] and b[first + y, j]: one coordinate walks with the step, "
        "the other one stays.",
        "Two barriers a step: one after copying, so that nobody multiplies too early, and one after "
        "multiplying, so that nobody overwrites a tile that a neighbour still reads.",
    ),
)
