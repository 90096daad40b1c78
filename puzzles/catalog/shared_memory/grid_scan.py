"""Running sums over many blocks.

out[i] is the sum of all elements up to and including i, over several blocks of 128 threads. Blocks cannot wait for each
other inside a launch, so there are three: each block scans its own stretch and writes its total to `sums`; one block
scans the totals; then every block adds the total of all blocks before it. The kernels are `scan_blocks`, `scan_sums`
and `add_sums`.
"""

import numpy as np
from numba import cuda, float32

from puzzles.spec import Launch, Limit, Prediction, Puzzle, Size, array, output, scratch

THREADS = 128


@cuda.jit
def scan_blocks(out, sums, a):
    values = cuda.shared.array(THREADS, float32)
    i = cuda.grid(1)
    t = cuda.threadIdx.x
    # HOLE: scan this block's stretch into out (zeros beyond the end), and its total into sums.
    total = a[i] if i < a.shape[0] else float32(0)
    values[t] = total
    cuda.syncthreads()
    step = 1
    while step < THREADS:
        if t >= step:
            total += values[t - step]
        cuda.syncthreads()
        values[t] = total
        cuda.syncthreads()
        step *= 2
    if i < a.shape[0]:
        out[i] = total
    if t == THREADS - 1:
        sums[cuda.blockIdx.x] = total
    # END HOLE


@cuda.jit
def scan_sums(sums):
    values = cuda.shared.array(THREADS, float32)
    t = cuda.threadIdx.x
    # HOLE: replace the totals by their running sums; there are at most 128.
    total = sums[t] if t < sums.shape[0] else float32(0)
    values[t] = total
    cuda.syncthreads()
    step = 1
    while step < THREADS:
        if t >= step:
            total += values[t - step]
        cuda.syncthreads()
        values[t] = total
        cuda.syncthreads()
        step *= 2
    if t < sums.shape[0]:
        sums[t] = total
    # END HOLE


@cuda.jit
def add_sums(out, sums):
    i = cuda.grid(1)
    # HOLE: add what all blocks before this one have summed up.
    block = cuda.blockIdx.x
    if block > 0 and i < out.shape[0]:
        out[i] += sums[block - 1]
    # END HOLE


def launches(size: Size) -> tuple[Launch, ...]:
    """Scan the blocks, scan their totals, add."""
    blocks = -(-size["n"] // THREADS)
    return (
        Launch((blocks,), (THREADS,), kernel="scan_blocks", arguments=("out", "sums", "a")),
        Launch((1,), (THREADS,), kernel="scan_sums", arguments=("sums",)),
        Launch((blocks,), (THREADS,), kernel="add_sums", arguments=("out", "sums")),
    )


SPEC = Puzzle(
    module=__name__,
    parameters=(output("out", "n"), scratch("sums", "ceil(n/128)"), array("a", "n")),
    sizes=({"n": 384}, {"n": 1}, {"n": 127}, {"n": 129}, {"n": 16_000}),
    fresh={"n": (2, 600)},
    one_by_one={"n": 129},
    launch=launches,
    reference=lambda a: np.cumsum(a),
    limits=(
        Limit(
            "global loads",
            "n + ceil(n / 128) + 2 * max(0, n - 128)",
            why="Every element once, every total once, and then all but the first block read theirs and a total.",
        ),
        Limit(
            "global stores",
            "n + 2 * ceil(n / 128) + max(0, n - 128)",
            why="Every element once, every total twice; all but the first block add.",
        ),
        Limit("global atomics", "0", why="The launches are the barrier between blocks."),
    ),
    prediction=Prediction(
        "384 elements in three blocks. Which total does block 2 add to its elements: the running sum at which place?",
        1,
        "sums[1] is the sum of blocks 0 and 1, all that lies before block 2.",
    ),
    hints=(
        "The first kernel is the block scan with a guard; threads beyond the end bring zeros.",
        "The second kernel is the same scan over `sums`, by one block.",
        "In the third kernel block b adds sums[b - 1]; block 0 has nothing before it.",
    ),
)
