"""`@njit` does, too."""
# refused: file: makes a function for the CPU

from numba import cuda, njit

PUZZLE = "map"


@njit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
