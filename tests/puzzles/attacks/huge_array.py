"""A constant of 80 terabytes."""
# refused: file: constants have up to

import numpy as np
from numba import cuda

PUZZLE = "map"
X = np.zeros(10 ** 13)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
