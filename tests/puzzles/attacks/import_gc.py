"""Objects of the checker through the garbage collector."""
# refused: file: may import

import gc
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
