"""A feature of the future that Python does not have; only compiling the file would say so."""
# refused: file: no feature 'braces'

from __future__ import braces
from numba import cuda

PUZZLE = "map"

@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
