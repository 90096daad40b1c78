"""Some readers end a line here, and find another kernel on the next."""
# refused: file: invisible character

from numba import cuda

PUZZLE = "map"
#   one line or two?


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
