"""An index that acts."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = (1, 2)[open("@CANARY@", "w").close()]


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
