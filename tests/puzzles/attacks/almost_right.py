"""Off by less than anybody sees, and by more than rounding: the other approximation of GELU."""
# refused: result: should be

import math

from numba import cuda, float32

PUZZLE = "gelu"


@cuda.jit
def kernel(out, x):
    for i in range(cuda.blockIdx.x, x.shape[0], cuda.gridDim.x):
        for j in range(cuda.threadIdx.x, x.shape[1], cuda.blockDim.x):
            value = x[i, j]
            out[i, j] = value / (float32(1) + math.exp(float32(-1.702) * value))
