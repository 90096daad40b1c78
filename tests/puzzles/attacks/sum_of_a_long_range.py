"""A sum over ten billion numbers, in one word."""
# refused: launch: given up after 500,000 rounds

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = sum(range(10**10))
    out[i] = 2 * a[i] + 1
