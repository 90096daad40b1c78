"""One element short.

out[i] is the sum of the five elements around i, with zeros beyond both ends. A block of 64 threads loads its own
elements and two more on each side. With 192 elements it is right, and with 100, and with 67. With 65 and with 66 it
is not.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 64
RADIUS = 2
TILE = THREADS + 2 * RADIUS


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array(TILE, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    n = a.shape[0]
    tile[t + RADIUS] = a[i] if i < n else float32(0)
    if t < RADIUS:
        tile[t] = a[i - RADIUS] if i >= RADIUS else float32(0)
        tile[t + RADIUS + THREADS] = a[i + THREADS] if i + THREADS < n else float32(0)
    cuda.syncthreads()
    if i < n:
        total = float32(0)
        for k in range(2 * RADIUS + 1):
            total += tile[t + k]
        out[i] = total


def _blurred(a: np.ndarray) -> np.ndarray:
    return np.convolve(a, np.ones(2 * RADIUS + 1))[RADIUS:-RADIUS]


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 192}, {"n": 65}, {"n": 66}, {"n": 67}, {"n": 1}, {"n": 2}, {"n": 3}, {"n": 33}, {"n": 64}, {"n": 130}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_blurred,
    limits=(
        Limit(
            "global loads",
            "n + sum(min(n, 64 * b + 2) - (64 * b - 2) for b in range(1, ceil(n / 64)))",
            why="A block reads its own elements once, and at each border between two blocks both read two more.",
        ),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("barriers", "ceil(n / 64)", why="One barrier, between filling the tile and reading it."),
    ),
    defect=Defect(
        edits=(("if i + THREADS < n else", "if i + THREADS < n - 1 else"),),
        lines=(
            "        tile[t + RADIUS + THREADS] = a[i + THREADS] if i + THREADS < n - 1 else float32(0)",
            "            total += tile[t + k]",
        ),
        why="As somebody's right halo, the last element of a counts as beyond the end, and a zero is added for it.",
        symptom="should be",
    ),
    hints=(
        "With 65 elements, which are wrong, and which one element do their sums share?",
        "The last element lies in the second block; the first block reads it as its halo, if it reads it.",
        "An index is inside as long as it is less than n.",
    ),
)
