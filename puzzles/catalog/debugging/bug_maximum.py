"""It hangs.

out[b] is the largest of the 128 elements of block b, found by a tree: 64 threads compare, then 32, 16, and so on. On
one GPU the program never ends; on another it ends, with numbers that are nearly always right.
"""

from numba import cuda, float32

from puzzles.spec import Defect, Launch, Limit, Puzzle, array, output

THREADS = 128


@cuda.jit
def kernel(out, a):
    largest = cuda.shared.array(THREADS, float32)
    t = cuda.threadIdx.x
    largest[t] = a[cuda.grid(1)]
    cuda.syncthreads()
    half = THREADS // 2
    while half > 0:
        if t < half:
            largest[t] = max(largest[t], largest[t + half])
        cuda.syncthreads()
        half //= 2
    if t == 0:
        out[cuda.blockIdx.x] = largest[0]


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "blocks"), array("a", "128*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 4)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: a.reshape(-1, THREADS).max(axis=1),
    limits=(
        Limit("global loads", "128 * blocks", why="Each element is read once."),
        Limit("global stores", "blocks", why="One maximum a block."),
        Limit("barriers", "8 * blocks", why="One before each of the seven steps, and one for the result."),
    ),
    defect=Defect(
        edits=(
            ("        cuda.syncthreads()\n        half //= 2", "            cuda.syncthreads()\n        half //= 2"),
        ),
        lines=("        if t < half:", "            cuda.syncthreads()"),
        why="A barrier waits for all threads of the block, and only those with t < half come to it.",
        symptom="barrier",
    ),
    hints=(
        "A barrier waits until every thread of the block has come. Does every thread come?",
        "Threads that have nothing to compare in this step still have to wait for those that have.",
        "The barrier belongs outside `if t < half:`, one level to the left.",
    ),
)
