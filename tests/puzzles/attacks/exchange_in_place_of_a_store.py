"""An atomic exchange, which is no store."""
# refused: limit: global atomics

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    cuda.atomic.exch(out, i, 2 * a[i] + 1)
