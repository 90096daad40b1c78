"""The same through a variable."""
# refused: launch:

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    form = "%999999999d"
    print(form % 5)
    out[i] = 2 * a[i] + 1
