"""A decorator inside."""
# refused: file: cannot stand inside a kernel

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    @print
    def inner():
        pass
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
