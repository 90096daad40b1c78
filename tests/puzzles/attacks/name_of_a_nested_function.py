"""Nor is a variable of a nested function."""
# refused: file: The name 'exec' is not defined

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    def inner(exec):
        return 0
    exec('1')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
