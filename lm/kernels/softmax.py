"""Softmax of each row, in two ways.

    softmax(x)_j = exp(x_j - m) / sum_k exp(x_k - m),    m = max_k x_k

Subtracting the maximum changes nothing and keeps exp from overflowing (Goodfellow, Bengio & Courville 2016,
section 4.1).

`softmax_three_pass` reads each element three times: for m, for the sum, for the result.
`softmax_online` finds m and the sum in one pass (Milakov & Gimelshein 2018, "Online normalizer calculation
for softmax", algorithm 3) and reads each element twice: when a larger m turns up, the sum so far is
multiplied by exp(old m - new m).

An element may be -infinity (a masked score) as long as its row has a finite one.
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32

from lm.kernels.operation import Operation
from lm.kernels.rows import LANES, LOWEST, ROWS, SCRATCH, launch_rows, row_max, row_sum


@cuda.jit
def softmax_three_pass(out, x):
    """out[r] = exp(x[r] - m) / sum(exp(x[r] - m)), m = max(x[r])

    out, x [R, N] float32; they may be the same array.
    """
    scratch = cuda.shared.array(SCRATCH, float32)
    lane = cuda.threadIdx.x
    row = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    rows, width = x.shape

    largest = LOWEST
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            largest = max(largest, x[row, column])
    largest = row_max(scratch, largest)

    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            total += math.exp(x[row, column] - largest)
    total = row_sum(scratch, total)

    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            out[row, column] = math.exp(x[row, column] - largest) / total


@cuda.jit
def softmax_online(out, x):
    """out[r] = exp(x[r] - m) / l, with m and l = sum(exp(x[r] - m)) from one pass

    out, x [R, N] float32; they may be the same array.
    """
    scratch = cuda.shared.array(SCRATCH, float32)
    lane = cuda.threadIdx.x
    row = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    rows, width = x.shape

    largest = LOWEST
    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            value = x[row, column]
            larger = max(largest, value)
            total = total * math.exp(largest - larger) + math.exp(value - larger)
            largest = larger
    row_largest = row_max(scratch, largest)
    total = row_sum(scratch, total * math.exp(largest - row_largest))

    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            out[row, column] = math.exp(x[row, column] - row_largest) / total


def softmax_reference(x: np.ndarray) -> np.ndarray:
    """[R, N] -> [R, N]"""
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


_TYPES = "void(float32[:,::1], float32[:,::1])"
SOFTMAX_THREE_PASS = Operation(softmax_three_pass, launch_rows, softmax_reference, _TYPES)
SOFTMAX_ONLINE = Operation(softmax_online, launch_rows, softmax_reference, _TYPES)
