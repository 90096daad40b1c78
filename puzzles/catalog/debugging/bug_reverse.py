"""Wrong at the end, sometimes.

Each block of 64 threads reverses its own 64 elements; the last block may have fewer, and reverses those. A colleague
has made it faster, and all tests pass. With 128 elements it is right. With 114 it is right here, and wrong on another
GPU.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 64


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array(THREADS, float32)
    t = cuda.threadIdx.x
    first = cuda.blockIdx.x * THREADS
    count = min(THREADS, a.shape[0] - first)
    if t < count:
        tile[t] = a[first + t]
    cuda.syncthreads()
    if t < count:
        out[first + t] = tile[count - 1 - t]


def _reversed(a: np.ndarray) -> np.ndarray:
    return np.concatenate([a[first : first + THREADS][::-1] for first in range(0, len(a), THREADS)])


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 128}, {"n": 114}, {"n": 1}, {"n": 2}, {"n": 31}, {"n": 33}, {"n": 64}, {"n": 103}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_reversed,
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("barriers", "ceil(n / 64)", why="One barrier a block, between filling the tile and reading it."),
    ),
    defect=Defect(
        edits=(("    cuda.syncthreads()", "    if count == THREADS:\n        cuda.syncthreads()"),),
        lines=("        tile[t] = a[first + t]", "        out[first + t] = tile[count - 1 - t]"),
        why="In a short block nobody waits: a thread reads what another warp may not have written yet.",
        symptom="race",
    ),
    hints=(
        "Which statement does a full block execute, and the short one not?",
        "A short block still has two warps as soon as it has more than 32 elements, and they need not run together.",
        "Between the line that fills the tile and the line that reads it, every block needs `cuda.syncthreads()`.",
    ),
)
