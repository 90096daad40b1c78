"""A billion numbers, numbered."""
# refused: launch: given up after 500,000 rounds

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = 0
    for k, l in enumerate(range(10**9)):
        x += k
    out[i] = 2 * a[i] + 1
