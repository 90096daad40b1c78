"""Split the sum.

C = A B, where C is small and k is long: one block could compute it, and the rest of the GPU would look on. So the sums
are split. Block z of `splits` multiplies columns from z * share up to, but not including, (z + 1) * share of A, and
those rows of B, where share = k / splits, rounded up; the last share may be shorter, or empty. It leaves its part of C
in parts[z], and a second launch adds the parts. Atomics could do that in one launch, but in a different order at each
run, and sums of floating point numbers depend on the order: the parts make the result the same to the last bit.
The kernels are `multiply` and `add_parts`.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, Size, array, output, scratch

TILE = 8


@cuda.jit
def multiply(parts, a, b):
    j, i, z = cuda.grid(3)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    splits, m, n = parts.shape
    share = (a.shape[1] + splits - 1) // splits
    a_tile = cuda.shared.array((TILE, TILE), float32)
    b_tile = cuda.shared.array((TILE, TILE), float32)
    total = float32(0)
    # HOLE: where this block's share ends; tile by tile: copy (zeros outside), wait, multiply, wait.
    stop = min((z + 1) * share, a.shape[1])
    for first in range(z * share, stop, TILE):
        a_tile[y, x] = a[i, first + x] if i < m and first + x < stop else float32(0)
        b_tile[y, x] = b[first + y, j] if j < n and first + y < stop else float32(0)
        cuda.syncthreads()
        for k in range(TILE):
            total += a_tile[y, k] * b_tile[k, x]
        cuda.syncthreads()
    # END HOLE
    if i < m and j < n:
        parts[z, i, j] = total


@cuda.jit
def add_parts(c, parts):
    j, i = cuda.grid(2)
    # HOLE: the sum of this element's parts, in the order of z.
    if i < c.shape[0] and j < c.shape[1]:
        total = float32(0)
        for z in range(parts.shape[0]):
            total += parts[z, i, j]
        c[i, j] = total
    # END HOLE


def launches(size: Size) -> tuple[Launch, ...]:
    """The parts, then their sum."""
    grid = -(-size["n"] // TILE), -(-size["m"] // TILE)
    return (
        Launch((*grid, size["splits"]), (TILE, TILE), kernel="multiply", arguments=("parts", "a", "b")),
        Launch(grid, (TILE, TILE), kernel="add_parts", arguments=("c", "parts")),
    )


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "m n"), scratch("parts", "splits m n"), array("a", "m k"), array("b", "k n")),
    sizes=(
        {"m": 8, "k": 96, "n": 8, "splits": 4},
        {"m": 1, "k": 1, "n": 1, "splits": 2},
        {"m": 1, "k": 100, "n": 17, "splits": 3},
        {"m": 9, "k": 33, "n": 3, "splits": 4},
    ),
    fresh={"m": (1, 10), "k": (1, 80), "n": (1, 10), "splits": (1, 5)},
    launch=launches,
    reference=lambda a, b: a @ b,
    limits=(
        Limit(
            "global loads",
            "m * k * ceil(n / 8) + k * n * ceil(m / 8) + splits * m * n",
            why="A is read once per column of blocks, B once per row of blocks, and each part once.",
        ),
        Limit(
            "global loads of the busiest thread",
            "max(2 * ceil(ceil(k / splits) / 8), splits)",
            why="A thread of the first launch reads two elements a tile of its share; one of the second, all parts.",
        ),
        Limit("global stores", "(splits + 1) * m * n", why="Each part is stored once, and each element of C."),
        Limit("global atomics", "0", why="Atomics add in any order; a reproducible sum has one order."),
    ),
    par=Par("global loads of the busiest thread", naive="24", par="6"),
    prediction=Prediction(
        "8 by 96 times 96 by 8, in 4 splits. How many numbers do the two launches store?",
        320,
        "C has 64 elements: four parts of each, and then each element itself.",
        measured="global stores",
    ),
    hints=(
        "Without the split the loop over tiles goes from 0 to k. Now it goes from z * share to the end of the share.",
        "A share need not be a multiple of 8. What lies beyond its end belongs to the next block: as at the edge of "
        "the matrix, put zeros into the tile, unless `i < m and first + x < stop`.",
        "`stop = min((z + 1) * share, a.shape[1])`. An empty share has z * share >= stop, no tile, and a total of 0, "
        "stored like any other.",
    ),
)
