"""Every thread writes everything; on a GPU the last one wins."""
# refused: finding: race

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    for j in range(a.shape[0]):
        out[j] = 2 * a[j] + 1
