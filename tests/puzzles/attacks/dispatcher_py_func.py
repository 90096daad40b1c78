"""From a dispatcher to Python's function."""
# refused: file: have no attribute 'py_func'

from numba import cuda

PUZZLE = "map"


@cuda.jit(device=True)
def helper(x):
    return x


@cuda.jit
def kernel(out, a):
    helper.py_func(1)
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
