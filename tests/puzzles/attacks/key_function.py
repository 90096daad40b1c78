"""A builtin that takes a function calls it."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
X = max(['open("@CANARY@", "w").close()'], key=eval)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
