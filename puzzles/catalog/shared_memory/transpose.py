"""A transpose.

out[j, i] = a[i, j] for matrices whose sides are multiples of 32. Rows are cheap to read and cheap to write, and a
transpose reads rows and writes columns. So a block of 32 by 8 threads reads a tile of 32 by 32 along rows, and writes
it along rows of out, taking columns of the tile. Shared memory has 32 banks: a column of a tile 32 wide lies in one
bank, and in a tile that is 33 wide, in 32.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

SIDE = 32
ROWS = 8
PITCH = 33


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array((SIDE, PITCH), float32)
    x = cuda.threadIdx.x
    y = cuda.threadIdx.y
    # HOLE: read the tile along the rows of a, four rows a thread.
    j = cuda.blockIdx.x * SIDE + x
    for k in range(y, SIDE, ROWS):
        tile[k, x] = a[cuda.blockIdx.y * SIDE + k, j]
    # END HOLE
    # HOLE: wait; write it along the rows of out.
    cuda.syncthreads()
    i = cuda.blockIdx.y * SIDE + x
    for k in range(y, SIDE, ROWS):
        out[cuda.blockIdx.x * SIDE + k, i] = tile[x, k]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "32*n 32*m"), array("a", "32*m 32*n")),
    sizes=({"m": 1, "n": 1}, {"m": 1, "n": 2}, {"m": 3, "n": 1}),
    fresh={"m": (1, 2), "n": (1, 3)},
    launch=lambda size: Launch((size["n"], size["m"]), (SIDE, ROWS)),
    reference=lambda a: a.T,
    limits=(
        Limit("global loads", "1024 * m * n", why="Each element is read once."),
        Limit("global stores", "1024 * m * n", why="Each element of out is stored once."),
        Limit("global load sectors", "128 * m * n", why="A warp reads 32 neighbours of a row: 4 sectors."),
        Limit("global store sectors", "128 * m * n", why="A warp writes 32 neighbours of a row: 4 sectors, not 32."),
        Limit("shared bank conflicts", "0", why="A column of a tile 33 wide lies in 32 different banks."),
        Limit("barriers", "m * n", why="One barrier, between writing the tile and reading it."),
    ),
    par=Par("global store sectors", naive="1024", par="128"),
    prediction=Prediction(
        "In a tile 32 wide, how many times must a warp ask one bank that reads a column of it?",
        32,
        "Element (k, x) lies in bank (32 k + x) mod 32 = x: a column is one bank, and 33 k + x takes them all in turn.",
    ),
    hints=(
        "Both in a and in out, threadIdx.x has to be the last index.",
        "What is turned around is the tile: written as tile[k, x], read as tile[x, k]. And the block's place: block "
        "(x, y) of a is block (y, x) of out.",
        "Make the tile (32, 33): the spare column is never used, it only shifts the rows.",
    ),
)
