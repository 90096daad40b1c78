"""What Python's parser takes and its compiler does not."""
# refused: file: duplicate argument

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, out):
    out[0] = 1
