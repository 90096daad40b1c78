"""A large power at run time."""
# refused: result: should be

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    out[cuda.threadIdx.x] = 10 ** 10 ** 8
