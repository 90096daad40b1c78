"""The names that the lowered program uses itself."""
# refused: file: begin with two underscores

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    __t = 1
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
