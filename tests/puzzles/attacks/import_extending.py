"""Numba's own door to Python."""
# refused: file: is not a word of kernels

from numba import cuda, extending

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
