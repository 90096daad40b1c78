"""A device function has no launch."""
# refused: file: only other kernels can call

from numba import cuda

PUZZLE = "map"


@cuda.jit(device=True)
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
