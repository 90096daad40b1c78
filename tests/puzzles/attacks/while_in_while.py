"""Loops below the limit of iterations, one in the other."""
# refused: launch: given up after 500,000 rounds

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = 0
    j = 0
    while j < 4_000:
        j += 1
        k = 0
        while k < 4_000:
            k += 1
            x += k
    out[i] = 2 * a[i] + 1
