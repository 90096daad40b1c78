"""A decorator is called when a function is defined."""
# refused: file: is not a decorator for kernels

from numba import cuda

PUZZLE = "map"


@(lambda f: open("@CANARY@", "w").close())
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
