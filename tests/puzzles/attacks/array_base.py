"""The array behind an array."""
# refused: file: have no attribute 'base'

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    b = out.base
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
