"""Output without end, at module level."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
while True:
    print('x' * 1000)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
