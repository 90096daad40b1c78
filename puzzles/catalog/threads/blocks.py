"""More elements than a block has threads.

Negate a vector that is longer than a block: out[i] = -a[i]. A block has at most 1,024 threads; here it has 32, and
there are as many blocks as are needed. Blocks are numbered, too: `cuda.blockIdx.x`. A thread's place in the whole is
blockIdx.x * blockDim.x + threadIdx.x.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 32


@cuda.jit
def kernel(out, a):
    # HOLE: this thread's place in the whole grid, and a guard for the last block.
    i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x
    if i < out.shape[0]:
        out[i] = -a[i]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 70}, {"n": 1}, {"n": 31}, {"n": 32}, {"n": 33}, {"n": 300}),
    fresh={"n": (2, 400)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=lambda a: -a,
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "A vector of 70 elements, blocks of 32 threads. How many threads of the last block have work?",
        6,
        "Three blocks make 96 threads; the last begins at element 64, and 70 - 64 = 6.",
    ),
    hints=(
        "Before this thread's block there are blockIdx.x whole blocks of blockDim.x threads each.",
        "`i = cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x`, for which `cuda.grid(1)` is short.",
        "Guard it: the last block may have threads to spare.",
    ),
)
