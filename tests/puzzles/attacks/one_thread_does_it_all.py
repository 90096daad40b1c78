"""One thread computes everything."""
# refused: limit: busiest thread

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    if cuda.threadIdx.x == 0:
        for j in range(a.shape[0]):
            out[j] = 2 * a[j] + 1
