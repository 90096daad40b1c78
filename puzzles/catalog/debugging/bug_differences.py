"""A name too many.

Within each warp, out[i] is a[i] less its left neighbour; the first thread of a warp keeps a[i]. The neighbour's value
comes by a shuffle, without memory. The mask of a shuffle names the lanes that take part in it. With 64 elements all is
well. With 50 the last warp waits for lanes that do not come, or gets a number from nowhere.
"""

import numpy as np
from numba import cuda

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    here = i < a.shape[0]
    mask = cuda.ballot_sync(EVERYONE, here)
    if here:
        value = a[i]
        left = cuda.shfl_up_sync(mask, value, 1)
        out[i] = value - left if cuda.laneid > 0 else value


def _differences(a: np.ndarray) -> np.ndarray:
    left = np.append(0, a[:-1])
    left[::32] = 0
    return a - left


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n")),
    sizes=({"n": 64}, {"n": 50}, {"n": 1}, {"n": 2}, {"n": 31}, {"n": 32}, {"n": 33}, {"n": 200}),
    fresh={"n": (2, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=_differences,
    limits=(
        Limit("global loads", "n", why="Each element is read once; the neighbour's comes by a shuffle."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("shared loads", "0", why="A shuffle needs no shared memory."),
        Limit("barriers", "0", why="The lanes of a warp meet at the shuffle itself."),
    ),
    defect=Defect(
        edits=(
            ("    mask = cuda.ballot_sync(EVERYONE, here)\n", ""),
            ("shfl_up_sync(mask, value, 1)", "shfl_up_sync(EVERYONE, value, 1)"),
        ),
        lines=("    if here:", "        left = cuda.shfl_up_sync(EVERYONE, value, 1)"),
        why="The mask names all 32 lanes, and those with i >= n never come to the shuffle.",
        symptom="names lanes",
    ),
    hints=(
        "Which lanes does the mask name, and which lanes execute the shuffle in the last warp?",
        "Either all lanes execute it, or the mask names only those that do.",
        "Before the `if`, `mask = cuda.ballot_sync(EVERYONE, here)` has a bit for each lane with an element.",
    ),
)
