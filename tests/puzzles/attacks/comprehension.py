"""A comprehension calls what it iterates over."""
# refused: file: a list comprehension cannot be used

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    x = [i for i in range(3)]
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
