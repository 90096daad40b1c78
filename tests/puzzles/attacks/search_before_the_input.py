"""The same, before it: indices that Numba counts from the end."""
# refused: finding: negative index

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i - a.size] + 1
