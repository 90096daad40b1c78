"""A part of NumPy that runs strings."""
# refused: file: may import

import numpy.testing as np
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
