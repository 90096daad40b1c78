"""A debugger."""
# refused: file: The name 'breakpoint' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    breakpoint()
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
