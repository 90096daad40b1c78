"""Cross-entropy: how surprised the model is by the character that came.

    loss = -log softmax(x)_y = log sum_k exp(x_k - m) + (m - x_y),    m = max_k x_k

The negative log likelihood of formula 1 (`lm.perplexity`); the form with m is the "log-sum-exp trick"
(Blanchard, Higham & Higham 2021, "Accurately computing the log-sum-exp and softmax functions").
"""

from __future__ import annotations

import math

import numpy as np
from numba import cuda, float32

from lm.kernels.operation import Operation
from lm.kernels.rows import LANES, LOWEST, ROWS, SCRATCH, launch_rows, row_max, row_sum


@cuda.jit
def cross_entropy(losses, logits, targets):
    """losses[r] = log(sum(exp(logits[r]))) - logits[r, targets[r]]

    losses [R], logits [R, V] float32, targets [R] int32 in 0..V-1.
    """
    scratch = cuda.shared.array(SCRATCH, float32)
    lane = cuda.threadIdx.x
    row = cuda.blockIdx.x * ROWS + cuda.threadIdx.y
    rows, width = logits.shape

    largest = LOWEST
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            largest = max(largest, logits[row, column])
    largest = row_max(scratch, largest)

    total = float32(0)
    for start in range(0, width, LANES):
        column = start + lane
        if row < rows and column < width:
            total += math.exp(logits[row, column] - largest)
    total = row_sum(scratch, total)

    if row < rows and lane == 0:
        losses[row] = math.log(total) + (largest - logits[row, targets[row]])


def cross_entropy_reference(logits: np.ndarray, targets: np.ndarray) -> np.ndarray:
    """[R, V], [R] -> [R]"""
    largest = logits.max(axis=-1)
    total = np.exp(logits - largest[:, None]).sum(axis=-1)
    return np.log(total) + (largest - logits[np.arange(len(targets)), targets])


CROSS_ENTROPY = Operation(
    cross_entropy, launch_rows, cross_entropy_reference, "void(float32[::1], float32[:,::1], int32[::1])"
)
