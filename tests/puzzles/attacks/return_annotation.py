"""And the one behind the arrow."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a) -> open("@CANARY@", "w").close():
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
