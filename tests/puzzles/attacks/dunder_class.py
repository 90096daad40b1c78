"""From an array to its class to everything."""
# refused: file: have no attribute '__class__'

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    c = out.__class__
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
