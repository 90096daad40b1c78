"""Neighbours at the edge.

Each element becomes the sum of itself and its neighbours on both sides: out[i] = a[i-1] + a[i] + a[i+1], with zeros
beyond both ends. A block of 64 threads loads its 64 elements into shared memory once, and the two that lie just
outside, its halo. Without shared memory every element would be read three times.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 64
TILE = THREADS + 2


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array(TILE, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    n = a.shape[0]
    # HOLE: own element to tile[t + 1]; the first and the last thread also fetch the halo. Zeros beyond the ends.
    tile[t + 1] = a[i] if i < n else float32(0)
    if t == 0:
        tile[0] = a[i - 1] if i > 0 else float32(0)
    if t == THREADS - 1:
        tile[THREADS + 1] = a[i + 1] if i + 1 < n else float32(0)
    # END HOLE
    # HOLE: wait; then the sum of three.
    cuda.syncthreads()
    if i < n:
        out[i] = tile[t] + tile[t + 1] + tile[t + 2]
    # END HOLE


def _pooled(a):
    out = a.copy()
    out[1:] += a[:-1]
    out[:-1] += a[1:]
    return out


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 192}, {"n": 1}, {"n": 2}, {"n": 63}, {"n": 64}, {"n": 65}, {"n": 200}),
    fresh={"n": (2, 400)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_pooled,
    limits=(
        Limit(
            "global loads",
            "n + 2 * (ceil(n / 64) - 1)",
            why="A block reads its own elements once, and the two next to them.",
        ),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("barriers", "ceil(n / 64)", why="One barrier, between filling the tile and reading it."),
    ),
    par=Par("global loads", naive="3 * n - 2", par="n + 2 * (ceil(n / 64) - 1)"),
    prediction=Prediction(
        "192 elements, three blocks. How many elements of global memory are read in all?",
        196,
        "Each element once, and four of them a second time, as the halo of the block next door.",
        measured="global loads",
    ),
    hints=(
        "Shift by one: thread t owns tile[t + 1], so that there is room for a neighbour on the left.",
        "Thread 0 also fetches a[i - 1], thread 63 also a[i + 1]; beyond the ends of the vector they store zeros.",
        "Threads beyond the end store a zero, too: their left neighbour reads it.",
    ),
)
