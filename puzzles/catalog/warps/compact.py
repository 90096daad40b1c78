"""Only the positive ones.

Each warp keeps its positive elements, in order, at the beginning of its 32 places in out, and fills the rest with
zeros. `cuda.ballot_sync(0xFFFFFFFF, predicate)` gives every thread the answers of all 32 as bits of one number. The
place of a thread's element is the number of positive ones below it: `cuda.popc(votes & ((1 << lane) - 1))`.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, Size, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    lane = cuda.laneid
    value = a[i]
    # HOLE: the votes of the warp; a place for each element that stays; zeros behind them.
    votes = cuda.ballot_sync(EVERYONE, value > 0)
    kept = cuda.popc(votes)
    if value > 0:
        out[i - lane + cuda.popc(votes & ((1 << lane) - 1))] = value
    if lane >= kept:
        out[i] = float32(0)
    # END HOLE


def _small(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Halves from -3 to 3: some are 0, which is not positive, and some 0.5, which is."""
    return np.asarray(rng.integers(-6, 6, size=shape, endpoint=True) / 2)


def _compacted(a: np.ndarray) -> np.ndarray:
    out = np.zeros_like(a)
    for first in range(0, len(a), 32):
        kept = a[first : first + 32][a[first : first + 32] > 0]
        out[first : first + len(kept)] = kept
    return out


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64*blocks"), array("a", "64*blocks", draw=_small)),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=_compacted,
    limits=(
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("global stores", "64 * blocks", why="Each place of out is stored once."),
        Limit("global atomics", "0", why="The ballot tells each thread its place; nobody has to take a number."),
        Limit("shared loads", "0", why="The ballot needs no shared memory."),
        Limit("barriers", "0", why="The threads of a warp meet at the ballot itself."),
    ),
    prediction=Prediction(
        "The ballot is 0b1011 (threads 0, 1 and 3 said yes). To which place goes the element of thread 3?",
        2,
        "Two of the threads below it said yes, and places are counted from 0.",
    ),
    hints=(
        "`(1 << lane) - 1` has a one for every thread below this one.",
        "`cuda.popc` counts ones: of the votes below for the place, of all votes for the number of elements kept.",
        "The warp's 32 places begin at `i - lane`. Places from the number kept on get zeros.",
    ),
)
