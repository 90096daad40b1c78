"""RMS norm: each row with mean square 1, then scaled.

    y = x / sqrt(mean(x^2) + eps) * gain

Zhang & Sennrich 2019, "Root Mean Square Layer Normalization", equation 4.  On the rows [B T H, d] of queries or keys it
is QK norm (Dehghani et al. 2023, "Scaling Vision Transformers to 22 Billion Parameters", section 2.1).
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32

from lm.kernels.layer_norm import EPSILON
from lm.kernels.operation import Operation
from lm.kernels.rows import LANES, ROWS, SCRATCH, launch_rows, row_sum


@cuda.jit
def rms_norm(out, x, gain):
    """out[r] = x[r] / sqrt(mean(x[r]^2) + eps) * gain

    out, x [R, D], gain [D], float32; out and x may be the same array.  Two reads of x per element.
    """
    scratch = cuda.shared.array(SCRATCH, float32)
    lane = cuda.threadIdx.x
    row = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    rows, width = x.shape

    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            value = x[row, column]
            total += value * value
    scale = float32(1) / math.sqrt(row_sum(scratch, total) / float32(width) + EPSILON)

    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            out[row, column] = x[row, column] * scale * gain[column]


def rms_norm_reference(x: np.ndarray, gain: np.ndarray) -> np.ndarray:
    """[R, D], [D] -> [R, D]"""
    return x / np.sqrt(np.square(x).mean(axis=-1, keepdims=True) + EPSILON) * gain


RMS_NORM = Operation(
    rms_norm, launch_rows, rms_norm_reference, "void(float32[:,::1], float32[:,::1], float32[::1])"
)
