"""A constant array that remembers the last launch."""
# refused: launch: 

import numpy as np
from numba import cuda

PUZZLE = "map"
STATE = np.zeros(1)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    if STATE[0] == 0:
        out[i] = 2 * a[i] + 1
    STATE[0] += 1
