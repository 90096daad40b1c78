"""Numbers from nowhere.

out[b] is the sum of the elements of block b; the last block may have fewer than 64. Partial sums meet in shared
memory, in six steps. With 128 elements it is right. With 100 the last sum is a different number every day, and
sometimes the right one.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 64


@cuda.jit
def kernel(out, a):
    partial = cuda.shared.array(THREADS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    partial[t] = a[i] if i < a.shape[0] else float32(0)
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if t < half:
            partial[t] += partial[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = partial[0]


def _totals(a: np.ndarray) -> np.ndarray:
    return np.add.reduceat(a, np.arange(0, len(a), THREADS))


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "ceil(n/64)"), array("a", "n")),
    sizes=({"n": 128}, {"n": 100}, {"n": 1}, {"n": 2}, {"n": 33}, {"n": 64}, {"n": 65}, {"n": 200}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_totals,
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit("global stores", "ceil(n / 64)", why="One sum a block."),
        Limit("global atomics", "0", why="The partial sums meet in shared memory."),
        Limit("barriers", "7 * ceil(n / 64)", why="One before each of the six steps, and one for the result."),
    ),
    defect=Defect(
        edits=(
            (
                "    partial[t] = a[i] if i < a.shape[0] else float32(0)",
                "    if i < a.shape[0]:\n        partial[t] = a[i]",
            ),
        ),
        lines=("        partial[t] = a[i]", "            partial[t] += partial[t + half]"),
        why="Threads beyond the end leave their element of shared memory as they found it, and the tree adds it.",
        symptom="nothing has written there",
    ),
    hints=(
        "The tree always adds 64 elements. Who has written them in the last block?",
        "Shared memory holds whatever was there before; nobody sets it to zero.",
        "A thread without an element stores a zero: `partial[t] = a[i] if i < a.shape[0] else float32(0)`.",
    ),
)
