"""A loop that never ends."""
# refused: launch: never ends

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    while True:
        pass
