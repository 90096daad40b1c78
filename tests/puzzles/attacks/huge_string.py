"""A string times a billion."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = "x" * 10 ** 9


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
