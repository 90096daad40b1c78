"""A plain function."""
# refused: file: is not a kernel yet

from numba import cuda

PUZZLE = "map"


def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
