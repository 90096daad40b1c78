"""Writes to an input through another type."""
# refused: input: but a is an input

import numpy as np
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    a.view(np.uint8)[4 * i] = 0
    out[i] = 2 * a[i] + 1
