"""Eight gigabytes a thread."""
# refused: launch: 

from numba import cuda, float64

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    x = cuda.local.array(10 ** 9, float64)
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
