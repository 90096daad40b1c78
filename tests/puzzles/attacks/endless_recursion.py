"""A function that calls itself for ever."""
# refused: launch: 

from numba import cuda

PUZZLE = "map"


@cuda.jit(device=True)
def f(x):
    return f(x) + 1


@cuda.jit
def kernel(out, a):
    out[cuda.threadIdx.x] = f(a[0])
