"""Three passes, with half as many loads of twice the size."""
# refused: limit: global loads

import math

import numpy as np
from numba import cuda, float32, int32, uint64
from numba.cuda.libdevice import int_as_float

PUZZLE = "softmax-online"


@cuda.jit
def kernel(out, x):
    i = cuda.grid(1)
    n = x.shape[1]
    if i < out.shape[0] and n % 2 == 0:
        largest = float32(-math.inf)
        for j in range(0, n, 2):
            word = x.view(np.uint64)[i, j // 2]
            largest = max(largest, int_as_float(int32(word)), int_as_float(int32(word >> uint64(32))))
        total = float32(0)
        for j in range(0, n, 2):
            word = x.view(np.uint64)[i, j // 2]
            total += math.exp(int_as_float(int32(word)) - largest)
            total += math.exp(int_as_float(int32(word >> uint64(32))) - largest)
        for j in range(0, n, 2):
            word = x.view(np.uint64)[i, j // 2]
            out[i, j] = math.exp(int_as_float(int32(word)) - largest) / total
            out[i, j + 1] = math.exp(int_as_float(int32(word >> uint64(32))) - largest) / total
    elif i < out.shape[0]:
        largest = float32(-math.inf)
        total = float32(0)
        for j in range(n):
            before = largest
            largest = max(largest, x[i, j])
            total = total * math.exp(before - largest) + math.exp(x[i, j] - largest)
        for j in range(n):
            out[i, j] = math.exp(x[i, j] - largest) / total
