"""Many points between 0 and 1."""
# refused: file: constants have up to

import numpy as np
from numba import cuda

PUZZLE = "map"
X = np.linspace(0, 1, 10 ** 10)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
