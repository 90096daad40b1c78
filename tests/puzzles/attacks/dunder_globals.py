"""From a function to its globals."""
# refused: file: have no attribute '__globals__'

from numba import cuda

PUZZLE = "map"


@cuda.jit(device=True)
def helper(x):
    return x


@cuda.jit
def kernel(out, a):
    g = helper.__globals__
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
