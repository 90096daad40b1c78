"""And at a bare carriage return."""
# refused: file: invisible character

from numba import cuda

PUZZLE = "map"
X = 1# Y = 2


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
