"""A condition that acts."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = 1 if open("@CANARY@", "w").close() else 2


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
