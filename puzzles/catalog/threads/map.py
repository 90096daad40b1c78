"""One thread, one element.

Fill `out` with twice the elements of `a`, plus one; both hold whole numbers. A single block is launched
with exactly one thread per element. Every thread runs this same function; the only thing that differs is
`cuda.threadIdx.x`, the thread's place in its block, counted from 0.
"""

import numpy as np
from numba import cuda

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, array, output


@cuda.jit
def kernel(out, a):
    # HOLE: find this thread's index, then write one element of out.
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
    # END HOLE


def whole_numbers(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Numbers from -1000 to 1000."""
    return rng.integers(-1000, 1000, size=shape, endpoint=True)


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n", "int32"), array("a", "n", "int32", whole_numbers)),
    sizes=({"n": 8}, {"n": 1}, {"n": 33}),
    fresh={"n": (2, 128)},
    launch=lambda size: Launch((1,), (size["n"],)),
    reference=lambda a: 2 * a + 1,
    limits=(
        Limit("global loads", "n", why="Each thread needs one element of a and no other."),
        Limit("global loads of the busiest thread", "1", why="The work is spread evenly: one element a thread."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "Eight threads run this kernel at once. Which element of a does thread 3 read?",
        ((3,),),
        "Its own: the kernel is written once, and cuda.threadIdx.x is what makes thread 3 another than thread 4.",
        measured="cells of a by (3)",
    ),
    hints=(
        "There is no loop. The launch is the loop: thread number i does what iteration i would have done.",
        "`i = cuda.threadIdx.x` is this thread's number.",
        "A thread reads `a[i]` and assigns to `out[i]`; a kernel returns nothing.",
    ),
)
