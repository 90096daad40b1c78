"""A builtin that a GPU does not have."""
# refused: file: The name 'eval' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    eval('1')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
