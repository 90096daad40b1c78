"""A global variable."""
# refused: file: `global` statement cannot be used

from numba import cuda

PUZZLE = "map"
STATE = 0


@cuda.jit
def kernel(out, a):
    global STATE
    STATE = 1
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
