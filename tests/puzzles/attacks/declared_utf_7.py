# coding: utf-7
"""Python would decode the file in another way, in which +AAo- ends a comment."""
# refused: file: is in 'utf-7'
# +AAo-open("@CANARY@", "w")

from numba import cuda

PUZZLE = "map"

@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
