"""A matrix, one thread an element.

Square every element of a matrix with m rows and n columns: out[i, j] = a[i, j]². The block is as wide as the matrix
and as high: n threads along x, m along y. Threads have two numbers now, `cuda.threadIdx.x` and `cuda.threadIdx.y`.
The matrix is not square, so rows and columns cannot be mixed up unnoticed.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, a):
    # HOLE: which of the two numbers is the row?
    i = cuda.threadIdx.y
    j = cuda.threadIdx.x
    out[i, j] = a[i, j] * a[i, j]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("a", "m n")),
    sizes=({"m": 2, "n": 5}, {"m": 5, "n": 2}, {"m": 1, "n": 33}, {"m": 31, "n": 3}),
    fresh={"m": (1, 24), "n": (1, 24)},
    launch=lambda size: Launch((1,), (size["n"], size["m"])),
    reference=lambda a: a * a,
    limits=(
        Limit("global loads", "2 * m * n", why="An element is read once, or twice if you write a[i, j] twice."),
        Limit("global stores", "m * n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "Which cell of out does the thread with threadIdx.x = 3 and threadIdx.y = 1 write? (row, column)",
        ((1, 3),),
        "x runs along a row, so it is the column; y is the row.",
        measured="cells of out by (3, 1)",
    ),
    hints=(
        "The block is `(n, m)`: x counts columns, y counts rows.",
        "An index into the matrix is `[row, column]`, so `[threadIdx.y, threadIdx.x]`.",
        "`i, j = cuda.threadIdx.y, cuda.threadIdx.x`.",
    ),
)
