"""A name means one thing when it is used and another when it is looked up."""
# refused: file: may import

from numba import cuda
from numpy.testing import runstring as array

PUZZLE = "map"
X = array('open("@CANARY@", "w").close()', {})
from numpy import array


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
