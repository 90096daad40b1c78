"""A lambda's parameter is no variable outside of it."""
# refused: file: The name 'eval' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    f = lambda eval: 0
    eval('1')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
