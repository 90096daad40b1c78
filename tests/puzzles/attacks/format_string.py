"""Format strings read attributes."""
# refused: file: have no attribute 'format'

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    print('{0.__class__}'.format(out))
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
