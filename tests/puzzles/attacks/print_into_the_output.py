"""Printing with a file of its own."""
# refused: launch: keyword arguments

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    print(1, file=out)
    out[i] = 2 * a[i] + 1
