"""Left too early.

out[i] is the mean of a[i] and its right neighbour a[i + 1]; the last element has none and stays as it is. A block of 64
threads loads its elements into shared memory, and the one behind them. Threads beyond the end have nothing to do, so
they leave at once. With 128 elements it is right. With 100 the program hangs on some GPUs.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 64
TILE = THREADS + 1


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array(TILE, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    n = a.shape[0]
    if i < n:
        tile[t] = a[i]
    if t == THREADS - 1 and i + 1 < n:
        tile[THREADS] = a[i + 1]
    cuda.syncthreads()
    if i < n:
        right = tile[t + 1] if i + 1 < n else tile[t]
        out[i] = (tile[t] + right) * float32(0.5)


def _means(a: np.ndarray) -> np.ndarray:
    return 0.5 * (a + np.append(a[1:], a[-1]))


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 128}, {"n": 100}, {"n": 1}, {"n": 2}, {"n": 33}, {"n": 64}, {"n": 65}, {"n": 200}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_means,
    limits=(
        Limit("global loads", "n + ceil(n / 64) - 1", why="A block reads its own elements, and the one behind them."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("barriers", "ceil(n / 64)", why="One barrier, between filling the tile and reading it."),
    ),
    defect=Defect(
        edits=(
            ("    if i < n:\n        tile[t] = a[i]", "    if i >= n:\n        return\n    tile[t] = a[i]"),
            (
                "    if i < n:\n        right = tile[t + 1] if i + 1 < n else tile[t]\n        out[i]",
                "    right = tile[t + 1] if i + 1 < n else tile[t]\n    out[i]",
            ),
        ),
        lines=("        return", "    cuda.syncthreads()"),
        why="A thread that has returned never comes to the barrier at which the others wait for the whole block.",
        symptom="barrier",
    ),
    hints=(
        "What does a thread with i >= n execute, and what does it never come to?",
        "A barrier counts all threads of its block. Idle ones may skip work, but not a barrier.",
        "Guard the load and the store with `if i < n:`, each for itself, and let everybody come to the barrier.",
    ),
)
