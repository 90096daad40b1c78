"""Two dimensions.

Add a row vector to every row of a matrix, in place: x[i, j] += bias[j]. Blocks are 4 by 4 threads and
the grid is large enough to cover the matrix, so guard both edges. By convention x runs along a row and y
down a column: the thread with `threadIdx.x == 1` is to the right of the one with 0. Hence x belongs to
the column j, and y to the row i.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, updated


@cuda.jit
def kernel(x, bias):
    # HOLE: this thread's column and row, a guard for both edges, and one element of x.
    j, i = cuda.grid(2)
    if i < x.shape[0] and j < x.shape[1]:
        x[i, j] += bias[j]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(updated("x", "m n"), array("bias", "n")),
    sizes=({"m": 3, "n": 6}, {"m": 4, "n": 8}, {"m": 9, "n": 6}),
    fresh={"m": (1, 20), "n": (1, 20)},
    launch=lambda size: Launch((-(-size["n"] // 4), -(-size["m"] // 4)), (4, 4)),
    reference=lambda x, bias: x + bias,
    limits=(
        Limit("global loads", "2 * m * n", why="+= reads an element of x; one element of bias is added to it."),
        Limit("global stores", "m * n", why="Each element of x is stored once."),
        Limit("global loads of the busiest thread", "2", why="One element of x is one thread's work."),
        Limit("global stores of the busiest thread", "1", why="One element of x is one thread's work."),
    ),
    prediction=Prediction(
        "x is 3 by 6. How often is an element of bias read in all?",
        18,
        "Once for each element of x. There are only 6 different ones, and each is read for all three rows.",
        measured="global loads of bias",
    ),
    hints=(
        "`cuda.grid(2)` returns this thread's x and y in the whole grid, in that order.",
        "x is the column and y the row: `j, i = cuda.grid(2)`.",
        "`x.shape[0]` counts rows and guards i; `x.shape[1]` counts columns and guards j.",
    ),
)
