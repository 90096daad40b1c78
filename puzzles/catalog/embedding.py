"""Embedding: a table look-up.

The first step of a language model turns tokens into vectors: out[i, j] = table[tokens[i], j] +
positions[i, j]. Which row of the table is read depends on the data. One block works on one token, with
one thread per channel.
"""

import numpy as np
from numba import cuda

from puzzles.spec import Array, Launch, Limit, Puzzle, Size, array, output


@cuda.jit
def kernel(out, tokens, table, positions):
    # HOLE: position, channel, and one element of out.
    i = cuda.blockIdx.x
    j = cuda.threadIdx.x
    out[i, j] = table[tokens[i], j] + positions[i, j]
    # END HOLE


def drawn_tokens(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Token numbers from 0 to v - 1."""
    return rng.integers(size["v"], size=shape)


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "t d"),
        array("tokens", "t", dtype="int64", draw=drawn_tokens),
        array("table", "v d"),
        array("positions", "t d"),
    ),
    sizes=({"t": 6, "v": 10, "d": 8}, {"t": 1, "v": 3, "d": 4}, {"t": 12, "v": 5, "d": 33}),
    fresh={"t": (1, 12), "v": (2, 60), "d": (1, 40)},
    launch=lambda size: Launch((size["t"],), (size["d"],)),
    reference=lambda tokens, table, positions: table[tokens] + positions,
    limits=(
        Limit(
            "global loads",
            "3 * t * d",
            why="A token, an element of the table and one of positions per result.",
        ),
        Limit("global loads of the busiest thread", "3", why="One element of out is one thread's work."),
    ),
    hints=(
        "An index may itself come from memory: `table[tokens[i], j]`.",
        "The block is the token, `cuda.blockIdx.x`; the thread is the channel, `cuda.threadIdx.x`.",
    ),
)
