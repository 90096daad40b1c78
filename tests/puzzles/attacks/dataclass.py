"""A decorator of classes that executes annotations when it writes the class."""
# refused: file: not 'dataclasses'

from dataclasses import dataclass

from numba import cuda

PUZZLE = "map"


@dataclass
class Size:
    n: "open('@CANARY@', 'w')"

@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
