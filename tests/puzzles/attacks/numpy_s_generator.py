"""The state of NumPy's generator."""
# refused: file: cannot be used in a kernel

import numpy as np
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    np.random.seed(0)
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
