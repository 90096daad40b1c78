"""More than a block has."""
# refused: launch: 

from numba import cuda, float64

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    x = cuda.shared.array(1000000, float64)
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
