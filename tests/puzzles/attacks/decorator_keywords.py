"""Options from a dict."""
# refused: file: leave the option ** out

from numba import cuda

PUZZLE = "map"


@cuda.jit(**{"device": False})
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
