"""The last block adds up.

out[0] is the sum of a, in a single launch of several blocks. Each block leaves its sum in `sums`. Which of them is the
last to do so? Whoever gets `blocks - 1` from an atomic counter in `done`: it finds the sums of all others, and adds
them. But a store that is finished for its own thread need not have arrived for other blocks, and a load may find what
a cache has kept from before. `cuda.threadfence()` orders what comes before it and what comes after it, for the whole
GPU. By the rules it takes two: the sum, a fence, the counter; and in the block that reads, the counter, a fence, the
sums. The result is the same to the last bit at every run, which a sum by atomics is not. `done` is 0 at first, and has
to be 0 in the end, for the next launch.
"""

import numpy as np
from numba import cuda, float32, int32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, array, output, scratch, updated, zeros

THREADS = 64
EVERYONE = 0xFFFFFFFF


@cuda.jit(device=True)
def block_sum(halves, value):
    """The sum of a block's values, for its thread 0: two warps by shuffles, then the two sums."""
    t = cuda.threadIdx.x
    step = 16
    while step > 0:
        value += cuda.shfl_down_sync(EVERYONE, value, step)
        step //= 2
    if t % 32 == 0:
        halves[t // 32] = value
    cuda.syncthreads()
    return halves[0] + halves[1]


@cuda.jit
def kernel(out, sums, done, a):
    halves = cuda.shared.array(2, float32)
    before = cuda.shared.array(1, int32)
    t = cuda.threadIdx.x
    blocks = cuda.gridDim.x
    total = float32(0)
    for i in range(cuda.grid(1), a.shape[0], cuda.gridsize(1)):
        total += a[i]
    total = block_sum(halves, total)
    # HOLE: thread 0 stores the block's sum, and asks how many blocks were done before; then all threads know.
    if t == 0:
        sums[cuda.blockIdx.x] = total
        cuda.threadfence()
        before[0] = cuda.atomic.add(done, 0, 1)
        cuda.threadfence()
    cuda.syncthreads()
    # END HOLE
    # HOLE: in the last block, all threads add up the sums; thread 0 stores the result, and 0 in done.
    if before[0] == blocks - 1:
        total = float32(0)
        for block in range(t, blocks, THREADS):
            total += sums[block]
        total = block_sum(halves, total)
        if t == 0:
            out[0] = total
            done[0] = 0
    # END HOLE


SPEC = Puzzle(
    module=__name__,
    parameters=(
        output("out", "1"),
        scratch("sums", "blocks"),
        updated("done", "1", "int32", zeros),
        array("a", "n"),
    ),
    sizes=({"n": 1000, "blocks": 4}, {"n": 1, "blocks": 1}, {"n": 33, "blocks": 2}, {"n": 300, "blocks": 70}),
    fresh={"n": (2, 600), "blocks": (1, 8)},
    launch=lambda size: Launch((size["blocks"],), (THREADS,)),
    reference=lambda done, a: (np.array([a.sum()]), np.array([0])),
    needs="n",
    limits=(
        Limit("global loads", "n + blocks", why="Every element once, and every block's sum once."),
        Limit(
            "global loads of the busiest thread",
            "ceil(n / (64 * blocks)) + ceil(blocks / 64)",
            why="The threads of all blocks share the elements, and those of the last one the sums.",
        ),
        Limit(
            "global stores",
            "2 * blocks + 2",
            why="A sum and an atomic a block; the result; and the counter's 0 for the next launch.",
        ),
        Limit("global atomics", "blocks", why="Each block takes one number."),
    ),
    prediction=Prediction(
        "1000 elements, four blocks. How many reads of global memory are there in all?",
        1004,
        "Each element once, and the last block reads four sums.",
        measured="global loads",
    ),
    hints=(
        "`cuda.atomic.add(done, 0, 1)` returns what was there before: 0 for the first block, blocks - 1 for the last.",
        "One thread stores the sum, fences, and takes the number, in this order. The others hear of it through shared "
        "memory, after a barrier.",
        "`if before[0] == blocks - 1:` is true for all threads of one block or for none: a barrier may stand in it. "
        "Thread t adds sums[t], sums[t + 64], ..., then block_sum again.",
    ),
)
