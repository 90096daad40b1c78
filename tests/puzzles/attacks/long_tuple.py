"""A tuple times a billion."""
# refused: launch:

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = (1, 2) * 10 ** 9
    out[i] = 2 * a[i] + x[0]
