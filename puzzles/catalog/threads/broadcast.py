"""A row and a column.

Add a column vector and a row vector to a table: out[i, j] = a[i] + b[j]. Blocks are 8 by 4 threads, and the grid
covers the table, so some threads stick out. NumPy calls it broadcasting; here every thread fetches the two numbers
that it needs.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

WIDTH, HEIGHT = 8, 4


@cuda.jit
def kernel(out, a, b):
    # HOLE: this thread's place in the whole table, a guard, one element.
    j, i = cuda.grid(2)
    if i < out.shape[0] and j < out.shape[1]:
        out[i, j] = a[i] + b[j]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m n"), array("a", "m"), array("b", "n")),
    sizes=({"m": 3, "n": 10}, {"m": 1, "n": 1}, {"m": 33, "n": 2}, {"m": 2, "n": 31}),
    fresh={"m": (1, 20), "n": (1, 20)},
    launch=lambda size: Launch((-(-size["n"] // WIDTH), -(-size["m"] // HEIGHT)), (WIDTH, HEIGHT)),
    reference=lambda a, b: a[:, None] + b[None, :],
    limits=(
        Limit("global loads", "2 * m * n", why="One element of a and one of b for each element of the table."),
        Limit("global stores", "m * n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "How many threads are launched for a table of 3 by 10? (Count those that stick out.)",
        64,
        "Two blocks side by side, each of 8 by 4 threads, 64 in all; 34 of them have nothing to do.",
    ),
    hints=(
        "`cuda.grid(2)` gives (x, y) of the thread in the whole grid.",
        "x is the column: `j, i = cuda.grid(2)`. Guard both.",
        "`if i < out.shape[0] and j < out.shape[1]: out[i, j] = a[i] + b[j]`.",
    ),
)
