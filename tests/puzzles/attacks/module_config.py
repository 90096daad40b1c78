"""Numba's configuration."""
# refused: file: cannot be used in a kernel

import numba
from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    x = numba.config.CUDA_DEBUGINFO
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
