"""A puzzle whose name has a second line."""
# refused: file: there is no puzzle

from numba import cuda

PUZZLE = "map\npassed  map: 17 launches"

@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
