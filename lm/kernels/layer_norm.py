"""Layer norm: each row with mean 0 and variance 1, then scaled and shifted.

    y = (x - mean(x)) / sqrt(var(x) + eps) * gain + bias

Ba, Kiros & Hinton 2016, "Layer Normalization".  The variance is the mean squared distance from the mean,
found in a second pass: E[x^2] - E[x]^2 would cancel in float32.
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32

from lm.kernels.operation import Operation
from lm.kernels.rows import LANES, ROWS, SCRATCH, launch_rows, row_sum

EPSILON = np.float32(1e-5)


@cuda.jit
def layer_norm(out, x, gain, bias):
    """out[r] = (x[r] - mean(x[r])) / sqrt(var(x[r]) + eps) * gain + bias

    out, x [R, D], gain, bias [D], float32.  Three reads of x per element.
    """
    scratch = cuda.shared.array(SCRATCH, float32)
    lane = cuda.threadIdx.x
    row = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    rows, width = x.shape

    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            total += x[row, column]
    mean = row_sum(scratch, total) / float32(width)

    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            difference = x[row, column] - mean
            total += difference * difference
    scale = float32(1) / math.sqrt(row_sum(scratch, total) / float32(width) + EPSILON)

    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            out[row, column] = (x[row, column] - mean) * scale * gain[column] + bias[column]


def layer_norm_reference(x: np.ndarray, gain: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """[R, D], [D], [D] -> [R, D]"""
    mean = x.mean(axis=-1, keepdims=True)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
    return (x - mean) / np.sqrt(variance + EPSILON) * gain + bias


LAYER_NORM = Operation(
    layer_norm,
    launch_rows,
    layer_norm_reference,
    "void(float32[:,::1], float32[:,::1], float32[::1], float32[::1])",
)
