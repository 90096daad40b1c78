"""More threads than elements.

Compute out = alpha * x + y for vectors of any length. One block holds 32 threads here, so a long vector
takes several blocks, and the last block has threads left over. A thread's place in the whole grid is
`cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x`, for which `cuda.grid(1)` is short. Threads
beyond the end of the vector must touch nothing.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output, scalar


@cuda.jit
def kernel(out, alpha, x, y):
    # HOLE: this thread's index in the grid, a guard, and one element of out.
    i = cuda.grid(1)
    if i < out.shape[0]:
        out[i] = alpha * x[i] + y[i]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), scalar("alpha"), array("x", "n"), array("y", "n")),
    sizes=({"n": 5}, {"n": 32}, {"n": 33}, {"n": 100}),
    fresh={"n": (1, 300)},
    launch=lambda size: Launch((-(-size["n"] // 32),), (32,)),
    reference=lambda alpha, x, y: alpha * x + y,
    limits=(
        Limit("global loads", "2 * n", why="One element of x and one of y give one element of out."),
        Limit("global loads of the busiest thread", "2", why="One element of out is one thread's work."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "5 elements, and a block of 32 threads. How many threads must touch nothing?",
        27,
        "Blocks start whole: 32 threads run, and those from 5 on would read and write beyond the end of the vectors.",
    ),
    hints=(
        "With 33 elements and blocks of 32 there are 64 threads. What should thread 33 do?",
        "An array in a kernel knows its length: `out.shape[0]`, or `len(out)`.",
        "Put both the reads and the write under `if i < out.shape[0]:`.",
    ),
)
