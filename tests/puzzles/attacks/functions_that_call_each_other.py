"""Recursion over two functions."""
# refused: launch: calls itself

from numba import cuda

PUZZLE = "map"


@cuda.jit(device=True)
def even(x):
    return odd(x)


@cuda.jit(device=True)
def odd(x):
    return even(x)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = even(a[i])
