"""The same by two extents."""
# refused: file: constants have up to

import numpy as np
from numba import cuda

PUZZLE = "map"
X = np.ones((2 ** 20, 2 ** 20))


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
