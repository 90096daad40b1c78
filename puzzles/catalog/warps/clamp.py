"""Without a branch.

Clamp a vector: out[i] = min(max(a[i], low), high). A warp runs one instruction at a time: where its threads disagree
at an `if`, it goes both ways, one after the other. `min` and `max` are instructions without a way to choose. The guard
for the end of the vector is an `if`, too; here every thread has an element, so none is needed.
"""

from numba import cuda

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output, scalar

THREADS = 64


@cuda.jit
def kernel(out, a, low, high):
    i = cuda.grid(1)
    # HOLE: the clamped element, without an if that threads can disagree about.
    out[i] = min(max(a[i], low), high)
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64*blocks"), array("a", "64*blocks"), scalar("low"), scalar("high")),
    sizes=({"blocks": 2}, {"blocks": 1}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a, low, high: a.clip(min=low).clip(max=high),
    limits=(
        Limit("divergent branches", "0", why="An if about the element sends the warp both ways."),
        Limit("divergent loop tests", "0", why="A loop whose length depends on the element is an if in disguise."),
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("global stores", "64 * blocks", why="Each element of out is stored once."),
    ),
    prediction=Prediction(
        "An if-elif-else about the element: of how many ways does a warp usually have to go all, one after the other?",
        3,
        "Among 32 random elements there are nearly always some below, some above and some between.",
    ),
    hints=(
        "`max(a[i], low)` is the element, but at least low.",
        "`min(..., high)` around it.",
        "`out[i] = min(max(a[i], low), high)`.",
    ),
)
