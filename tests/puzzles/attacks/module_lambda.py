"""A function that is called at once."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = (lambda: open("@CANARY@", "w").close())()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
