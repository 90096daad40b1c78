"""The same outside."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
cuda.jit = print


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
