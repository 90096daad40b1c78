"""A pattern that calls a class."""
# refused: file: a class as a pattern

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    match a[i]:
        case int(real=open):
            out[i] = 1
        case _:
            out[i] = 2 * a[i] + 1
