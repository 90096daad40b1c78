"""A with block."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
with open('@CANARY@', 'w') as X:
    pass


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
