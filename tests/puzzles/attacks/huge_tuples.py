"""Tuples of tuples of tuples."""
# refused: file: has more than

from numba import cuda

PUZZLE = "map"
A = tuple(range(4000))
B = (A, A)
C = (B, B)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
