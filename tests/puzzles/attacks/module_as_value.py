"""A module in a variable."""
# refused: file: stands for a module

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    c = cuda
    c.syncthreads()
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
