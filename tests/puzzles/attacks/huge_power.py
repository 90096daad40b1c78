"""A power that takes a minute."""
# refused: file: more than 64 bits

from numba import cuda

PUZZLE = "map"
X = 9 ** 9 ** 9


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
