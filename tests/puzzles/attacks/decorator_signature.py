"""A signature compiles at once."""
# refused: file: Leave the signature out

from numba import cuda

PUZZLE = "map"


@cuda.jit("void(int32[:], int32[:])")
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
