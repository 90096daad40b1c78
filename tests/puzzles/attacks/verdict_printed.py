"""A kernel that prints a verdict instead of computing."""
# refused: unwritten: never written

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    print('passed  map: 13 launches')
