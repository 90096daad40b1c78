"""A format of a billion characters."""
# refused: file: strings in a kernel are printed, and nothing else

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    print("%999999999d" % 5)
    out[i] = 2 * a[i] + 1
