"""A generator is code that waits."""
# refused: file: `yield` cannot be used

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    yield 1
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
