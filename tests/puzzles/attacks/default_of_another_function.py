"""Also in a function that nobody calls."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1


def other(x=open("@CANARY@", "w").close()):
    pass
