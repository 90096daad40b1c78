"""The two products behind a product.

C = A B, and dC holds the derivative of a loss with respect to each element of C. By the chain rule dA = dC B^T and
dB = A^T dC: learning takes two more products for each one of the forward pass. `times_transposed` computes
dA, `transposed_times` dB, both in tiles of 16 by 16, from matrices whose sides are multiples of 16. Nothing is
transposed in memory. Read every tile along the rows of its matrix, neighbouring threads
neighbouring columns, and turn it around in shared memory, where a column costs no more than a row if the tile is 17
wide.
"""

from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Par, Prediction, Puzzle, Size, array, output

TILE = 16
PITCH = 17


@cuda.jit
def times_transposed(da, dc, b):
    dc_tile = cuda.shared.array((TILE, PITCH), float32)
    b_tile = cuda.shared.array((TILE, PITCH), float32)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    row = cuda.blockIdx.y * TILE
    column = cuda.blockIdx.x * TILE
    total = float32(0)
    for first in range(0, dc.shape[1], TILE):
        # HOLE: copy both tiles along the rows of their matrices, wait, multiply, wait.
        dc_tile[y, x] = dc[row + y, first + x]
        b_tile[y, x] = b[column + y, first + x]
        cuda.syncthreads()
        for j in range(TILE):
            total += dc_tile[y, j] * b_tile[x, j]
        cuda.syncthreads()
        # END HOLE
    da[row + y, column + x] = total


@cuda.jit
def transposed_times(db, a, dc):
    a_tile = cuda.shared.array((TILE, PITCH), float32)
    dc_tile = cuda.shared.array((TILE, PITCH), float32)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    row = cuda.blockIdx.y * TILE
    column = cuda.blockIdx.x * TILE
    total = float32(0)
    for first in range(0, a.shape[0], TILE):
        # HOLE: the same for this product, whose sum runs down the columns of both matrices.
        a_tile[y, x] = a[first + y, row + x]
        dc_tile[y, x] = dc[first + y, column + x]
        cuda.syncthreads()
        for i in range(TILE):
            total += a_tile[i, y] * dc_tile[i, x]
        cuda.syncthreads()
        # END HOLE
    db[row + y, column + x] = total


def launches(size: Size) -> tuple[Launch, ...]:
    """dA is m by k tiles and dB is k by n, a block for each tile."""
    m, k, n = size["m"], size["k"], size["n"]
    return (
        Launch((k, m), (TILE, TILE), kernel="times_transposed", arguments=("da", "dc", "b")),
        Launch((n, k), (TILE, TILE), kernel="transposed_times", arguments=("db", "a", "dc")),
    )


def product_backward(a: Array, b: Array, dc: Array) -> tuple[Array, Array]:
    """Giles, "Collected matrix derivative results for forward and reverse mode AD" (2008), section 2.2.2."""
    return dc @ b.T, a.T @ dc


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("da", "16*m 16*k"),
        output("db", "16*k 16*n"),
        array("a", "16*m 16*k"),
        array("b", "16*k 16*n"),
        array("dc", "16*m 16*n"),
    ),
    sizes=({"m": 1, "k": 1, "n": 1}, {"m": 1, "k": 2, "n": 3}, {"m": 2, "k": 1, "n": 1}),
    fresh={"m": (1, 3), "k": (1, 3), "n": (1, 3)},
    launch=launches,
    reference=product_backward,
    limits=(
        Limit("global loads", "1024 * m * k * n", why="Each block reads each tile that it needs once."),
        Limit(
            "global load sectors",
            "128 * m * k * n",
            why="A warp reads two rows of 16 neighbours: 4 sectors. Down a column it would be 16.",
        ),
        Limit("global stores", "256 * (m * k + k * n)", why="Each element of dA and dB is stored once."),
        Limit("global store sectors", "32 * (m * k + k * n)", why="Neighbouring threads store neighbours of a row."),
        Limit("global atomics", "0", why="A block has the whole sum; nobody adds to it."),
        Limit("shared load bank conflicts", "0", why="A column of a tile 17 wide lies in 16 different banks."),
    ),
    par=Par("global loads", naive="16384 * m * k * n", par="1024 * m * k * n"),
    prediction=Prediction(
        "dA = dC B^T goes down the columns of B^T. Which cell of b does thread (1, 0) of the first block of "
        "`times_transposed` copy into its tile?",
        ((0, 1),),
        "x runs along a row of b, whatever the formula calls that row. Cell (1, 0) lies 16 elements further on, "
        "and a warp would read 16 sectors for 4.",
        measured="cells of b by (1, 0)",
    ),
    hints=(
        "Element (j, k) of B^T is b[k, j]: what has to be turned around is the index, not the matrix. Column k of dA "
        "needs row k of b.",
        "In every global read threadIdx.x belongs to the last index. For dC B^T thread (x, y) copies "
        "b[column + y, first + x]; for A^T dC it copies a[first + y, row + x].",
        "Then total += dc_tile[y, j] * b_tile[x, j] in the first kernel, and total += a_tile[i, y] * dc_tile[i, x] in "
        "the second.",
    ),
)
