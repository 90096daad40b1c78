"""Too few.

out[b, v] says how often the value v, from 0 to 7, occurs among the 64 elements of block b. All threads of a block count
into the same eight numbers in shared memory. The counts never are too high, often too low, and right when all elements
differ.
"""

import numpy as np
from numba import cuda, int32

from puzzles.spec import Array, Defect, Launch, Limit, Puzzle, Size, array, output

THREADS = 64
VALUES = 8


@cuda.jit
def kernel(out, a):
    bins = cuda.shared.array(VALUES, int32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    if t < VALUES:
        bins[t] = 0
    cuda.syncthreads()
    if i < a.shape[0]:
        value = a[i]
        cuda.atomic.add(bins, value, 1)
    cuda.syncthreads()
    if t < VALUES:
        out[cuda.blockIdx.x, t] = bins[t]


def _values(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    return rng.integers(VALUES, size=shape)


def _counts(a: np.ndarray) -> np.ndarray:
    blocks = [a[first : first + THREADS] for first in range(0, len(a), THREADS)]
    return np.array([np.bincount(block, minlength=VALUES) for block in blocks])


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "ceil(n/64) 8", "int32"), array("a", "n", "int32", _values)),
    sizes=({"n": 128}, {"n": 100}, {"n": 1}, {"n": 2}, {"n": 33}, {"n": 64}, {"n": 65}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_counts,
    limits=(
        Limit("global loads", "n", why="Each element is read once."),
        Limit("global stores", "8 * ceil(n / 64)", why="Eight counts a block."),
        Limit("global atomics", "0", why="The threads of a block count in shared memory."),
    ),
    defect=Defect(
        edits=(
            (
                "        cuda.atomic.add(bins, value, 1)",
                "        seen = bins[value]\n        bins[value] = seen + 1",
            ),
        ),
        lines=("        seen = bins[value]", "        bins[value] = seen + 1"),
        why="Two threads that read the same count both store it with one more: one of the two is lost.",
        symptom="race",
    ),
    hints=(
        "Take two threads with the same value. Both read the count before either of them has stored.",
        "A barrier does not help: the load and the store of one thread must not be parted by another's.",
        "`cuda.atomic.add(bins, value, 1)` loads, adds and stores as one.",
    ),
)
