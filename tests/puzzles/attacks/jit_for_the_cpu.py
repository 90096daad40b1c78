"""`@jit` compiles for the CPU."""
# refused: file: makes a function for the CPU

from numba import cuda, jit

PUZZLE = "map"


@jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
