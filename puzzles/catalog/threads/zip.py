"""Two inputs, one output.

Multiply two vectors element by element: out[i] = a[i] * b[i], with one thread an element. Each thread takes the
elements with its own number from both vectors, like `zip` without a loop.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output


@cuda.jit
def kernel(out, a, b):
    # HOLE: one element of each input, one of out.
    i = cuda.threadIdx.x
    out[i] = a[i] * b[i]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), array("a", "n"), array("b", "n")),
    sizes=({"n": 8}, {"n": 1}, {"n": 2}, {"n": 33}, {"n": 96}),
    fresh={"n": (2, 128)},
    launch=lambda size: Launch((1,), (size["n"],)),
    reference=lambda a, b: a * b,
    limits=(
        Limit("global loads", "2 * n", why="Each thread needs one element of a and one of b."),
        Limit("global loads of the busiest thread", "2", why="The work is spread evenly."),
        Limit("global stores", "n", why="Each element of out is stored once."),
        Limit("global stores of the busiest thread", "1", why="One element of out is one thread's work."),
    ),
    prediction=Prediction(
        "Eight threads run. How many elements of global memory do they read together?",
        16,
        "Eight of a and eight of b.",
        measured="global loads",
    ),
    hints=(
        "The thread's number picks the element in all three arrays.",
        "`i = cuda.threadIdx.x`, and then one line.",
        "`out[i] = a[i] * b[i]`.",
    ),
)
