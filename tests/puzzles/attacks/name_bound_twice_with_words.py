"""Both meanings are words, and still a name is bound once."""
# refused: file: is bound in line

from numba import cuda
from math import sqrt

PUZZLE = "map"
from math import exp as sqrt


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
