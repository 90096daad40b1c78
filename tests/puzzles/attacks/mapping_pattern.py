"""A pattern that looks into a namespace."""
# refused: file: a dict as a pattern

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    match a:
        case {"base": owner}:
            out[i] = 1
        case _:
            out[i] = 2 * a[i] + 1
