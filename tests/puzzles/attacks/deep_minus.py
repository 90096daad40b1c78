"""A hundred signs are a deep tree."""
# refused: file: nested too deeply

from numba import cuda

PUZZLE = "map"
X = ----------------------------------------------------------------------------------------------------1


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
