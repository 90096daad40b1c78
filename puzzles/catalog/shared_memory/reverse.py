"""Through shared memory.

Reverse each block's stretch of a vector: block b writes out[64 b + t] = a[64 b + 63 - t]. Each thread reads its own
element, puts it into shared memory, waits, and takes the element of the thread at the other end. Shared memory is fast
and seen by the whole block; `cuda.syncthreads()` is what makes sure that somebody else's element is there.
"""

from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output

THREADS = 64


@cuda.jit
def kernel(out, a):
    tile = cuda.shared.array(THREADS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    # HOLE: own element in, wait, the other end's element out.
    tile[t] = a[i]
    cuda.syncthreads()
    out[i] = tile[THREADS - 1 - t]
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "64*blocks"), array("a", "64*blocks")),
    sizes=({"blocks": 1}, {"blocks": 2}, {"blocks": 3}),
    fresh={"blocks": (1, 5)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda a: a.reshape(-1, THREADS)[:, ::-1].reshape(-1),
    limits=(
        Limit("global loads", "64 * blocks", why="Each element is read once."),
        Limit("global stores", "64 * blocks", why="Each element of out is stored once."),
        Limit("barriers", "blocks", why="One barrier stands between writing the tile and reading it."),
    ),
    prediction=Prediction(
        "Which element of the tile does thread 3 read?",
        60,
        "63 - 3: thread 60 has put it there, in another warp, so nothing but the barrier makes it wait.",
    ),
    hints=(
        "Three steps: write the tile, `cuda.syncthreads()`, read the tile.",
        "Without the barrier a thread may read before the other warp has written.",
        "`tile[t] = a[i]`, then the barrier, then `out[i] = tile[THREADS - 1 - t]`.",
    ),
)
