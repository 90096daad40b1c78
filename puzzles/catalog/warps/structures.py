"""An array of structures, a structure of arrays.

n particles have eight numbers each, and out[i] is to be number 3 of particle i. The data is there twice: `records`
has a row for each particle, [n, 8]; `columns` has a row for each number, [8, n]. Both hold the same. Memory moves in
sectors of 32 bytes, eight float32: which of the two is cheap to read from?
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, derived, output

NUMBER = 3
THREADS = 64


@cuda.jit
def kernel(out, records, columns):
    # HOLE: one number of one particle, from the array in which neighbours lie side by side.
    i = cuda.grid(1)
    if i < out.shape[0]:
        out[i] = columns[NUMBER, i]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "n"),
        array("records", "n 8"),
        derived("columns", "8 n", lambda given: given["records"].T),
    ),
    sizes=({"n": 256}, {"n": 1}, {"n": 33}, {"n": 200}),
    fresh={"n": (9, 300)},
    launch=lambda size: Launch((-(-size["n"] // THREADS),), (THREADS,)),
    reference=lambda records, columns: columns[NUMBER],
    needs="n",
    limits=(
        Limit(
            "global load sectors",
            "sum((3*n + min(n, w + 32) - 1) // 8 - (3*n + w) // 8 + 1 for w in range(0, n, 32))",
            why="In a structure of arrays the numbers of neighbours lie in the same sectors; in an array of structures "
            "every particle has a sector of its own.",
        ),
        Limit("global loads", "n", why="One number of each particle."),
        Limit("global stores", "n", why="Each element of out is stored once."),
    ),
    par=Par("global load sectors", naive="n", par="n // 8"),
    prediction=Prediction(
        "256 threads read number 3 of their particles from `records`. How many sectors do they touch?",
        256,
        "A particle's eight numbers fill one sector, and each thread needs one number of its own particle. From "
        "`columns` it is 32.",
    ),
    hints=(
        "A warp's 32 threads should ask for 32 neighbouring elements.",
        "In `columns` the last index is the particle: neighbours lie side by side.",
        "`out[i] = columns[NUMBER, i]` under a guard.",
    ),
)
