"""Along the rows.

Copy a matrix with blocks of 32 by 8 threads. The result is right whichever way x and y are used, and the cost is
not: memory moves in sectors of 32 bytes, eight float32 each, and the 32 threads of a warp differ in x first. Where
they read 32 neighbours of a row, they need 4 sectors; where they read down a column, 32.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

WIDTH, HEIGHT = 32, 8


@cuda.jit
def kernel(out, a):
    # HOLE: copy one element, so that threads that are neighbours in x have neighbouring elements.
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i, j]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("a", "m n")),
    sizes=({"m": 32, "n": 32}, {"m": 8, "n": 64}, {"m": 64, "n": 8}, {"m": 16, "n": 128}),
    launch=lambda size: Launch((-(-max(size.values()) // WIDTH), -(-max(size.values()) // HEIGHT)), (WIDTH, HEIGHT)),
    reference=lambda a: a,
    limits=(
        Limit("global load sectors", "m * n // 8", why="A warp reads 32 neighbours of a row: 4 sectors, not 32."),
        Limit("global store sectors", "m * n // 8", why="A warp writes 32 neighbours of a row: 4 sectors, not 32."),
        Limit("global loads", "m * n", why="Each element is read once."),
        Limit("global stores", "m * n", why="Each element of out is stored once."),
    ),
    par=Par("global sectors", naive="2 * m * n", par="2 * m * n // 8"),
    prediction=Prediction(
        "32 threads of a warp read 32 neighbouring float32 of a row. How many sectors of 32 bytes is that?",
        4,
        "32 elements of 4 bytes are 128 bytes.",
    ),
    hints=(
        "Threads of a warp have consecutive threadIdx.x (and one threadIdx.y, since the block is 32 wide).",
        "So x has to be the index that moves by one element: the last one, the column.",
        "`j, i = cuda.grid(2)`; then `out[i, j] = a[i, j]` under a guard.",
    ),
)
