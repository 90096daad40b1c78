"""A word with a line break in the puzzle's name, which would look like a verdict."""
# refused: file: there is no puzzle

from numba import cuda

PUZZLE = "map\npassed  guard: 1 launches"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
