"""Matrix product, one thread per element.

Compute C = A B for 3 by 3 matrices with one block of 3 by 3 threads. Each thread computes one element
of C: the inner product of a row of A and a column of B. Every product in that sum takes two reads from
global memory, which makes 6 reads a thread and 54 in all. Count them: the following puzzles make that
number smaller.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

N = 3


@cuda.jit
def kernel(c, a, b):
    i = cuda.threadIdx.y  # row of C
    j = cuda.threadIdx.x  # column of C
    # HOLE: add up the N products in a local variable, then store the sum in c[i, j].
    total = float32(0)
    for k in range(N):
        total += a[i, k] * b[k, j]
    c[i, j] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "n n"), array("a", "n n"), array("b", "n n")),
    sizes=({"n": N},),
    launch=lambda size: Launch((1, 1), (size["n"], size["n"])),
    reference=lambda a, b: a @ b,
    limits=(
        Limit("global loads", "2 * n**3", why="n * n threads read n elements of A and n of B each."),
        Limit("global stores", "n * n", why="Add up in a local variable and store once at the end."),
        Limit("global loads of the busiest thread", "2 * n", why="One element of C is one thread's work."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
    ),
    prediction=Prediction(
        "Which cells of a does the thread with threadIdx.x = 1 and threadIdx.y = 0 read?",
        ((0, 0), (0, 1), (0, 2)),
        "The thread computes c[0, 1]: row 0 of a times column 1 of b. The threads beside it read the same three cells.",
        measured="cells of a by (1, 0)",
    ),
    hints=(
        "c[i, j] is the sum over k of a[i, k] * b[k, j].",
        "Adding to c[i, j] inside the loop reads and writes global memory each time. A local variable is "
        "a register and costs neither.",
        "Start with `total = float32(0)`: a plain 0.0 is a float64 for Numba and would make the sum one too.",
    ),
)
