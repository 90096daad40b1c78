"""Arrays at any address."""
# refused: file: is not a word of kernels

from numba import carray, cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
