"""Two decorators: the second gets what the first made."""
# refused: file: with @cuda.jit, once

from numba import cuda

PUZZLE = "map"


@cuda.jit
@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
