"""Foreign code is linked in."""
# refused: file: leave the option link out

from numba import cuda

PUZZLE = "map"


@cuda.jit(link=["x.cu", open("@CANARY@", "w").close()])
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
