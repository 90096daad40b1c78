"""An atomic that changes nothing, in place of a load."""
# refused: input: but a is an input

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * cuda.atomic.add(a, i, 0) + 1
