"""Right until tomorrow."""
# refused: file: may import

import time
from numba import cuda

PUZZLE = "map"
NOW = time.time()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
