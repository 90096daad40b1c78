"""The namespace's own builtins."""
# refused: file: The name '__builtins__' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    b = __builtins__
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
