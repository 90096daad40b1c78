"""Fewer threads than elements.

Scale a vector of any length: out[i] = alpha * a[i], with a grid of two blocks of 32 threads, however long the vector
is. Each thread takes its own element, then the one that lies a whole grid further on, and so on: a grid-stride loop.
`cuda.gridsize(1)` is the number of threads of the grid.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output, scalar

BLOCKS, THREADS = 2, 32


@cuda.jit
def kernel(out, a, alpha):
    # HOLE: from this thread's place to the end of the vector, in steps of a whole grid.
    for i in range(cuda.grid(1), out.shape[0], cuda.gridsize(1)):
        out[i] = alpha * a[i]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n"), scalar("alpha")),
    sizes=({"n": 200}, {"n": 1}, {"n": 63}, {"n": 64}, {"n": 65}, {"n": 1000}),
    fresh={"n": (2, 500)},
    launch=lambda size: Launch((BLOCKS,), (THREADS,)),
    reference=lambda a, alpha: alpha * a,
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "ceil(n / 64)", why="The 64 threads share the vector evenly."),
        Limit(
            "global load sectors",
            "ceil(n / 8)",
            why="In each step neighbours read neighbours; a stretch for each thread lies far from the others.",
        ),
    ),
    prediction=Prediction(
        "200 elements, 64 threads. How many elements does the busiest thread write?",
        4,
        "200 = 3 * 64 + 8, so the first eight threads have a fourth element.",
        measured="global stores of the busiest thread",
    ),
    hints=(
        "A loop whose step is the number of all threads never meets an element of another thread.",
        "`range(start, stop, step)` with start = cuda.grid(1), stop = the length, step = cuda.gridsize(1).",
        "The loop is its own guard: it is empty for threads beyond the end.",
    ),
)
