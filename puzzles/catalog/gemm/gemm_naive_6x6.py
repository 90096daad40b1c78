"""Matrix product on a grid of blocks.

C = A B for 6 by 6 matrices, with a 2 by 2 grid of blocks of 3 by 3 threads. A thread's row and column
now depend on its block as well. Read straight from global memory: 36 threads of 12 reads each make 432.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

N = 6


@cuda.jit
def kernel(c, a, b):
    # HOLE: the row and column of this thread in the whole of C, the sum, and one store.
    j, i = cuda.grid(2)
    total = float32(0)
    for k in range(N):
        total += a[i, k] * b[k, j]
    c[i, j] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "n n"), array("a", "n n"), array("b", "n n")),
    sizes=({"n": N},),
    launch=lambda size: Launch((2, 2), (3, 3)),
    reference=lambda a, b: a @ b,
    limits=(
        Limit("global loads", "2 * n**3", why="n * n threads read n elements of A and n of B each."),
        Limit("global stores", "n * n", why="Add up in a local variable and store once at the end."),
        Limit("global loads of the busiest thread", "2 * n", why="One element of C is one thread's work."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
    ),
    prediction=Prediction(
        "The nine threads of a block read A 54 times. How many different elements of A are that?",
        18,
        "Three rows of six: the three threads of a row of the block all read the same one.",
    ),
    hints=(
        "Block (1, 0) computes the upper right quarter of C. Which column does its thread (0, 0) have?",
        "The column is `cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x`; the row is the same with y.",
        "`j, i = cuda.grid(2)` gives both at once.",
    ),
)
