"""The name of the module is not its meaning."""
# refused: file: may import

import os as math
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
