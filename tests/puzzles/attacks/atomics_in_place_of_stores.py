"""Fifty atomics a thread."""
# refused: limit: global stores:

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] - 49
    for j in range(50):
        cuda.atomic.add(out, i, 1)
