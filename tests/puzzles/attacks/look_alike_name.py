"""A Cyrillic o: another variable, and it is the input."""
# refused: input: but a is an input

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    оut = a
    оut[i] = 2 * a[i] + 1
