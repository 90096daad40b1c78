"""numba.cuda knows the operating system."""
# refused: file: cannot be used in a kernel

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    cuda.os.system('touch @CANARY@')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
