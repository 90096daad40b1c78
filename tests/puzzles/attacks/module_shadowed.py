"""A nested function takes the module's name."""
# refused: file: has a meaning in this file already

import numpy as np
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    def inner(np):
        return np
    np.load('x')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
