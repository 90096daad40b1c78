"""Exceptions."""
# refused: file: a `try` block cannot be used

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    try:
        x = 1
    finally:
        x = 2
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
