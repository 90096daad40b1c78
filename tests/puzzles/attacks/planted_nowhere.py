"""A seed for a defect in a file that has none."""
# refused: prediction: name the lines

from numba import cuda

PUZZLE = "map"
DEBUG = 12345678901234567


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
