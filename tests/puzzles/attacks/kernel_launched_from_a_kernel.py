"""A launch inside a launch."""
# refused: launch: kernel[1, 1]

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    kernel[1, 1](out, a)
    out[i] = 2 * a[i] + 1
