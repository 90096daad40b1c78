"""Reductions along a row: what layer norm, softmax and cross-entropy share.

A block has ROWS rows (threadIdx.y) of LANES threads (threadIdx.x), one row of the matrix each.  A thread
first reduces every LANES-th element of its row, then the row's threads reduce their partial results in
shared memory: LANES/2 pairs, LANES/4 pairs, ... (Harris 2007, "Optimizing Parallel Reduction in CUDA",
sequential addressing).  All threads of a block must call a reduction together: it has barriers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda

from lm.kernels.operation import Block, Grid, tiles

LANES = 32
ROWS = 4
SCRATCH = (ROWS, LANES)  # shape of the shared float32 array that a reduction works in
LOWEST = np.float32(np.finfo(np.float32).min)  # below every score; finite, so that LOWEST - LOWEST is 0


def launch_rows(out: Any, x: Any, *_: Any) -> tuple[Grid, Block]:
    """A row of threads for each row of the matrix `x`: LANES along x, ROWS along y."""
    return (tiles(x.shape[0], ROWS), 1, 1), (LANES, ROWS, 1)


@cuda.jit(device=True)
def row_sum(scratch, value):
    """The sum of the row's LANES values, for each of its threads.  `scratch`: shared, float32 SCRATCH."""
    lane, row = cuda.threadIdx.x, cuda.threadIdx.y
    cuda.syncthreads()  # everyone has read what an earlier reduction left in scratch
    scratch[row, lane] = value
    cuda.syncthreads()
    step = LANES // 2
    while step > 0:
        if lane < step:
            scratch[row, lane] += scratch[row, lane + step]
        cuda.syncthreads()
        step //= 2
    return scratch[row, 0]


@cuda.jit(device=True)
def row_max(scratch, value):
    """The largest of the row's LANES values, for each of its threads.  `scratch`: shared, float32 SCRATCH."""
    lane, row = cuda.threadIdx.x, cuda.threadIdx.y
    cuda.syncthreads()  # everyone has read what an earlier reduction left in scratch
    scratch[row, lane] = value
    cuda.syncthreads()
    step = LANES // 2
    while step > 0:
        if lane < step:
            scratch[row, lane] = max(scratch[row, lane], scratch[row, lane + step])
        cuda.syncthreads()
        step //= 2
    return scratch[row, 0]
