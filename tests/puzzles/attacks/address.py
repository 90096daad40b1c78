"""The address of an array."""
# refused: file: have no attribute 'data'

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    p = out.ctypes.data
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
