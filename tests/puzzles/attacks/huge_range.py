"""A tuple of a billion numbers."""
# refused: file: constants have up to

from numba import cuda

PUZZLE = "map"
X = tuple(range(10 ** 9))


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
