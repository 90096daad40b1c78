"""The answer to the question is read, not run."""
# refused: file: PREDICTION is a number

from numba import cuda

PUZZLE = "map"
PREDICTION = open("@CANARY@", "w").close()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
