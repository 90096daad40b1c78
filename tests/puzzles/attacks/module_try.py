"""A try block."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
try:
    open("@CANARY@", "w").close()
except Exception:
    pass


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
