"""Another one, that takes all memory."""
# refused: file: more than 64 bits

from numba import cuda

PUZZLE = "map"
X = 10 ** 10 ** 8


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
