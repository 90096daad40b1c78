"""Answers for one set of inputs, as a constant array."""
# refused: launch: constant array 'ANSWERS'

import numpy as np
from numba import cuda

PUZZLE = "map"
ANSWERS = np.array([1, 3, 5], dtype=np.int32)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    answers = cuda.const.array_like(ANSWERS)
    out[i] = answers[i]
