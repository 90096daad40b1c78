"""Matrix product through shared memory.

The same product, C = A B for 3 by 3 matrices and one block of 3 by 3 threads. Three threads read the
same row of A, three the same column of B. Shared memory is a small array that all threads of a block
see and that is far faster than global memory. Let each thread copy one element of A and one of B into
it: 18 global reads instead of 54. No thread may use what another one copied before a barrier,
`cuda.syncthreads()`, has made sure that it is there. The tiles have room for matrices of up to 8 by 8,
which are checked as well.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

LARGEST = 8


@cuda.jit
def kernel(c, a, b):
    i = cuda.threadIdx.y
    j = cuda.threadIdx.x
    n = c.shape[0]
    a_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    b_tile = cuda.shared.array((LARGEST, LARGEST), float32)
    # HOLE: copy one element into each tile, wait for the others, then multiply from the tiles.
    a_tile[i, j] = a[i, j]
    b_tile[i, j] = b[i, j]
    cuda.syncthreads()
    total = float32(0)
    for k in range(n):
        total += a_tile[i, k] * b_tile[k, j]
    c[i, j] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("c", "n n"), array("a", "n n"), array("b", "n n")),
    sizes=({"n": 3}, {"n": LARGEST}, {"n": 1}, {"n": 6}),
    launch=lambda size: Launch((1, 1), (size["n"], size["n"])),
    reference=lambda a, b: a @ b,
    limits=(
        Limit("global loads", "2 * n**2", why="Each thread copies one element of A and one of B, once."),
        Limit("global stores", "n * n", why="Add up in a local variable and store once at the end."),
        Limit("global stores of the busiest thread", "1", why="One element of C is one thread's work."),
    ),
    par=Par("global loads", naive="2 * n**3", par="2 * n**2"),
    prediction=Prediction(
        "How many elements of a and b do the nine threads read from global memory, now that each copies its share?",
        18,
        "Each of 9 threads reads one element of a and one of b, once. The other reads find them in shared memory.",
        measured="global loads",
    ),
    hints=(
        "Thread (i, j) is responsible for a_tile[i, j] and b_tile[i, j], but it will read a whole row and column.",
        "What happens if thread (0, 0) reads a_tile[0, 2] before thread (0, 2) has written it? "
        "`cuda.syncthreads()` makes every thread of the block wait until all have arrived.",
        "After the barrier the loop is the one of the puzzle before, with a_tile for a and b_tile for b.",
    ),
)
