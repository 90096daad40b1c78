"""Embedding: a table look-up.

The first step of a language model turns tokens into vectors. There are b texts of t tokens each; the
result has one row per token, text after text, so row r belongs to text r // t and position p = r % t:
out[r, j] = token[tokens[r // t, p], j] + position[p, j]. Which row of the table is read depends on the
data. One block works on one row, with one thread per column.
"""

from numba import cuda

from puzzles.numerics import drawn_tokens
from puzzles.spec import Array, Launch, Limit, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, tokens, token, position):
    # HOLE: row, column and position of this thread, and one element of out.
    r = cuda.blockIdx.x
    j = cuda.threadIdx.x
    t = tokens.shape[1]
    out[r, j] = token[tokens[r // t, r % t], j] + position[r % t, j]
    # END HOLE


def embed(tokens: Array, token: Array, position: Array) -> Array:
    """Vaswani et al. (2017), section 3.4, with positions that are looked up as well."""
    vectors: Array = token[tokens] + position
    return vectors.reshape(-1, token.shape[1])


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "b*t d"),
        array("tokens", "b t", dtype="int32", draw=drawn_tokens),
        array("token", "v d"),
        array("position", "t d"),
    ),
    sizes=(
        {"b": 2, "t": 3, "v": 10, "d": 8},
        {"b": 1, "t": 1, "v": 3, "d": 4},
        {"b": 3, "t": 5, "v": 5, "d": 33},
    ),
    fresh={"b": (1, 4), "t": (1, 12), "v": (2, 60), "d": (1, 40)},
    launch=lambda size: Launch((size["b"] * size["t"],), (size["d"],)),
    reference=embed,
    needs="b * t + d + t * d",  # all tokens may be the same one
    limits=(
        Limit("global loads", "3 * b * t * d", why="A token, an element of its row and one of the position's."),
        Limit("global stores", "b * t * d", why="Each result is stored once."),
        Limit("global loads of the busiest thread", "3", why="One element of out is one thread's work."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "2 texts of 3 tokens, vectors of 8. How many elements are read, by all threads together?",
        144,
        "48 threads read three each: a token, an element of its row, one of the position's. The eight threads of a row "
        "read the same token.",
        measured="global loads",
    ),
    hints=(
        "An index may itself come from memory: `token[tokens[...], j]`.",
        "The block is the row, `cuda.blockIdx.x`; the thread is the column, `cuda.threadIdx.x`.",
        "t is `tokens.shape[1]`, and `out[r, j] = token[tokens[r // t, r % t], j] + position[r % t, j]`.",
    ),
)
