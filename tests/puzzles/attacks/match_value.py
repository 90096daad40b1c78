"""A pattern holds expressions."""
# refused: file: cannot be used in a kernel

import numpy as np
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    match a[0]:
        case np.lib.npyio.os:
            pass
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
