"""The frames of the caller."""
# refused: file: may import

import sys
from numba import cuda

PUZZLE = "map"
F = sys._getframe(1)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
