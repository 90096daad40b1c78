"""Attributes by name."""
# refused: file: The name 'getattr' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    getattr(out, 'base')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
