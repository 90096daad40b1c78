"""A tree of 256.

The dot product of two vectors of 256 elements for each block: out[b] = sum of a[i] * b[i] over its stretch. Eight steps
halve the number of partial sums: 128 threads add, then 64, 32, ... Which threads? If thread t adds where t % (2 step)
is 0, every warp has idle threads until the end, and 48 branches diverge. If the first threads add, whole warps fall
idle together.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 256


@cuda.jit
def kernel(out, a, b):
    partial = cuda.shared.array(THREADS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    partial[t] = a[i] * b[i]
    # HOLE: halve eight times, so that the threads at work are the first ones; then one store.
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if t < half:
            partial[t] += partial[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = partial[0]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "blocks"), array("a", "256*blocks"), array("b", "256*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 4)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a, b: (a * b).reshape(-1, THREADS).sum(axis=1),
    limits=(
        Limit("global loads", "512 * blocks", why="Each element is read once."),
        Limit("global stores", "blocks", why="One sum a block."),
        Limit("global atomics", "0", why="The partial sums meet in shared memory."),
        Limit(
            "divergent branches",
            "6 * blocks",
            why="If the first threads add, only the warp with the border diverges: in the last five steps, and at the "
            "store.",
        ),
        Limit("barriers", "9 * blocks", why="One before each of the eight steps, and one for the result."),
    ),
    par=Par("divergent branches", naive="48", par="6"),
    prediction=Prediction(
        "With the first threads at work, in how many of the eight steps does a warp diverge?",
        5,
        "128, 64 and 32 are whole warps. With 16, 8, 4, 2 and 1 threads at work, the first warp disagrees.",
    ),
    hints=(
        "In each step thread t < half adds partial[t + half].",
        "Every step reads what other threads wrote in the step before: a barrier between any two, outside the if.",
        "After the last step partial[0] is the sum, and `if t == 0` stores it.",
    ),
)
