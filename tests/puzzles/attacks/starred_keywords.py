"""A kernel that takes whatever it is given."""
# refused: file: **kw

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(*arrays, **kw):
    i = cuda.threadIdx.x
    arrays[0][i] = 2 * arrays[1][i] + 1
