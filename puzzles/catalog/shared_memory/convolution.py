"""A convolution.

out[i] is the sum over k of a[i + k] * w[k] for five weights w, with zeros beyond the end of a. Blocks have 64 threads.
The tile needs 64 elements and the four after them. The weights are needed by every thread: one warp fetches them into
shared memory, too.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 64
TAPS = 5
TILE = THREADS + TAPS - 1


@cuda.jit
def kernel(out, a, w):
    tile = cuda.shared.array(TILE, float32)
    weights = cuda.shared.array(TAPS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    n = a.shape[0]
    # HOLE: fill the tile with its halo of four, and the weights.
    tile[t] = a[i] if i < n else float32(0)
    if t < TAPS - 1:
        j = i + THREADS
        tile[t + THREADS] = a[j] if j < n else float32(0)
    if t < TAPS:
        weights[t] = w[t]
    # END HOLE
    # HOLE: wait; then the weighted sum.
    cuda.syncthreads()
    if i < n:
        total = float32(0)
        for k in range(TAPS):
            total += tile[t + k] * weights[k]
        out[i] = total
    # END HOLE


def _convolved(a, w):
    out = a * w[0]
    for k in range(1, TAPS):
        out[:-k] += a[k:] * w[k]
    return out


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n"), array("w", "5")),
    sizes=({"n": 128}, {"n": 6}, {"n": 63}, {"n": 65}, {"n": 200}),
    fresh={"n": (6, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_convolved,
    limits=(
        Limit(
            "global loads",
            "n + 5 * ceil(n / 64) + sum(max(0, min(4, n - 64 * b)) for b in range(1, ceil(n / 64)))",
            why="A block reads its own elements, the four after them, and the five weights, once each.",
        ),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("barriers", "ceil(n / 64)", why="One barrier, between filling the tile and reading it."),
    ),
    par=Par("global loads", naive="10 * n - 10", par="n + 14"),
    prediction=Prediction(
        "128 elements, two blocks. How many elements of a and w are read in all?",
        142,
        "128 of a, 4 a second time as the first block's halo, and the 5 weights by each of the two blocks.",
        measured="global loads",
    ),
    hints=(
        "Four threads have a second element to fetch: thread t < 4 takes a[i + 64] to tile[t + 64].",
        "Zeros beyond the end of a go into the tile, so that the sum needs no test.",
        "After one barrier: `total += tile[t + k] * weights[k]` for k in range(5).",
    ),
)
