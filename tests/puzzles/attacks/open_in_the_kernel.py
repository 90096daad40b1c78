"""Files."""
# refused: file: have no attribute 'close'

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    open("@CANARY@", "w").close()
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
