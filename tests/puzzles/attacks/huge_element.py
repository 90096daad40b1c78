"""One element of a gigabyte."""
# refused: file: would do work on the host

import numpy as np
from numba import cuda

PUZZLE = "map"
X = np.zeros(1, dtype="V1000000000")


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
