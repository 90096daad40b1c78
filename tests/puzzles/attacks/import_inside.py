"""An import in the kernel."""
# refused: file: an import cannot be used in a kernel

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    import os
    os.system('touch @CANARY@')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
