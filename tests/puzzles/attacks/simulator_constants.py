"""Constants of the lowered program."""
# refused: file: The name '__c0' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    out[cuda.threadIdx.x] = __c0
