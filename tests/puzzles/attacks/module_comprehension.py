"""A comprehension."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = [open("@CANARY@", "w").close() for i in (1,)]


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
