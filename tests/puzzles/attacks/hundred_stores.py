"""A hundred stores a thread."""
# refused: limit: global stores:

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = 2 * a[i] + 1
    for j in range(100):
        out[i] = x
