"""Thirty-two threads, one sum.

Each warp adds up its 32 elements: out[w] is the sum of a[32 w] to a[32 w + 31]. The threads of a warp can hand each
other values without memory: `cuda.shfl_down_sync(0xFFFFFFFF, value, k)` gives thread t the value that thread t + k
has. Add the value from 16 away, then from 8, 4, 2, 1: thread 0 has the sum after five steps.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a):
    i = cuda.grid(1)
    total = float32(0)
    # HOLE: this thread's element, five shuffles, and one store a warp.
    total += a[i]
    step = 16
    while step > 0:
        total += cuda.shfl_down_sync(EVERYONE, total, step)
        step //= 2
    if cuda.laneid == 0:
        out[i // 32] = total
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "2*blocks"), array("a", "64*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: a.reshape(-1, 32).sum(axis=1),
    limits=(
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("global loads of the busiest thread", "1", why="One thread, one element; the rest comes by shuffles."),
        Limit("shared loads", "0", why="Shuffles need no shared memory."),
        Limit("barriers", "0", why="The threads of a warp meet at the shuffle itself."),
        Limit("global atomics", "0", why="One thread of each warp has the sum, and stores it."),
        Limit("global stores", "2 * blocks", why="One sum a warp."),
    ),
    par=Par("instructions", naive="270 * blocks", par="58 * blocks"),
    prediction=Prediction(
        "How many shuffles does each thread execute for a sum over 32 threads?",
        5,
        "Each halves the number of partial sums that matter: 32, 16, 8, 4, 2, 1.",
    ),
    hints=(
        "After the step with k = 16, threads 0 to 15 have sums of two elements, and nobody needs the others any more.",
        "All threads execute every shuffle; only what thread 0 ends up with is used.",
        "`total += cuda.shfl_down_sync(EVERYONE, total, step)` for step = 16, 8, 4, 2, 1; then `if cuda.laneid == 0`.",
    ),
)
