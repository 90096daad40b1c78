"""Many threads, one sum.

Sum each row of a matrix: out[i] is the sum of x[i, :]. One block of 64 threads works on one row. First
each thread adds up its share of the row, elements t, t + 64, t + 128 and so on, in a register. Then the
block adds its 64 partial sums in shared memory, as a tree: 32 threads add the upper half to the lower,
then 16, 8, 4, 2, 1. The tree takes six steps where a single thread would take 63.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 64


@cuda.jit
def kernel(out, x):
    row = cuda.blockIdx.x
    t = cuda.threadIdx.x
    partial = cuda.shared.array(THREADS, float32)
    # HOLE: this thread's share of the row goes into partial[t].
    total = float32(0)
    for j in range(t, x.shape[1], THREADS):
        total += x[row, j]
    partial[t] = total
    # END HOLE
    # HOLE: add the upper half of partial to the lower until one sum is left; store it.
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if t < half:
            partial[t] += partial[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[row] = partial[0]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "m"), array("x", "m n")),
    sizes=({"m": 2, "n": 80}, {"m": 1, "n": 64}, {"m": 3, "n": 5}, {"m": 2, "n": 200}, {"m": 1, "n": 1}),
    fresh={"m": (1, 5), "n": (1, 200)},
    launch=lambda size: Launch((size["m"],), (THREADS,)),
    reference=lambda x: x.sum(axis=1),
    limits=(
        Limit("global loads", "m * n", why="Every element of x is needed once."),
        Limit(
            "global loads of the busiest thread",
            "ceil(n / 64)",
            why="The 64 threads of the block share a row evenly.",
        ),
        Limit("global stores", "m", why="One thread of a block stores the row's sum, once."),
        Limit("global atomics", "0", why="The partial sums meet in shared memory."),
        Limit(
            "shared loads of the busiest thread",
            "2 * 6 + 1",
            why="Six steps of two reads, and one for the result; not one thread that adds up 64 sums.",
        ),
        Limit("global stores of the busiest thread", "1", why="One thread of a block stores the row's sum."),
    ),
    prediction=Prediction(
        "Two rows, so two blocks. How many barriers do they execute together?",
        14,
        "Each block waits once before the tree, and after each of its six steps.",
        measured="barriers",
    ),
    hints=(
        "`range(t, x.shape[1], THREADS)` walks through this thread's share, and is empty where the row is shorter.",
        "In a step with half = 32, thread t < 32 adds partial[t + 32] to partial[t]. Then halve.",
        "Every step reads what other threads wrote in the step before, so there is a barrier between any two.",
        "Keep `cuda.syncthreads()` out of `if t < half:`. All threads of the block have to reach the barrier.",
    ),
)
