"""One barrier.

The same dot products, faster: each warp adds its 32 products by shuffles, its first thread puts the sum into shared
memory, and after one single barrier the first warp adds the eight sums, by shuffles again. The tree needed nine
barriers.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Par, Prediction, Puzzle, array, output

THREADS = 256
WARPS = 8
EVERYONE = 0xFFFFFFFF


@cuda.jit
def kernel(out, a, b):
    sums = cuda.shared.array(WARPS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    total = a[i] * b[i]
    # HOLE: the sum of each warp, one barrier, the sum of the sums.
    step = 16
    while step > 0:
        total += cuda.shfl_down_sync(EVERYONE, total, step)
        step //= 2
    if t % 32 == 0:
        sums[t // 32] = total
    cuda.syncthreads()
    if t < 32:
        total = sums[t] if t < WARPS else float32(0)
        step = WARPS // 2
        while step > 0:
            total += cuda.shfl_down_sync(EVERYONE, total, step)
            step //= 2
        if t == 0:
            out[cuda.blockIdx.x] = total
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
        Limit("global atomics", "0", why="The eight sums meet in shared memory."),
        Limit("shared atomics", "0", why="The eight sums meet by shuffles."),
        Limit("barriers", "blocks", why="Warps need no barrier inside; one is for the eight sums."),
    ),
    par=Par("barriers", naive="9", par="1"),
    prediction=Prediction(
        "How many elements of shared memory does a block need?",
        8,
        "One sum for each of its eight warps.",
    ),
    hints=(
        "First as in the puzzle of the warp's sum: five shuffles, and thread 0 of each warp has a sum.",
        "`if t % 32 == 0: sums[t // 32] = total`, then `cuda.syncthreads()`, outside any if.",
        "The whole first warp (t < 32) executes the second round of shuffles; threads from 8 on bring zeros.",
    ),
)
