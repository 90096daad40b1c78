"""A class made on the spot."""
# refused: file: The name 'type' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    t = type('X', (), {})
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
