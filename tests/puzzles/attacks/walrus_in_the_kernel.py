"""An assignment inside an expression, which Numba has none of."""
# refused: file: an assignment inside an expression

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = (double := 2 * a[i]) + 1
