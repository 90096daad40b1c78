"""A shift makes large numbers as well."""
# refused: file: more than 64 bits

from numba import cuda

PUZZLE = "map"
X = 1 << 10 ** 9


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
