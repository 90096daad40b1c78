"""A coroutine."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
async def f():
    pass


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
