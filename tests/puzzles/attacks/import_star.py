"""All names at once."""
# refused: file: Import names one by one

from numba import cuda
from numpy import *

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
