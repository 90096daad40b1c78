"""The builtin itself as a decorator."""
# refused: file: is not a decorator for kernels

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1


@exec
def other():
    pass
