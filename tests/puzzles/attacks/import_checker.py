"""The checker as a module."""
# refused: file: may import

from puzzles.check import judge
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
