"""The other branch of the block for scripts."""
# refused: file: would do work on the host

from numba import cuda

PUZZLE = "map"
if __name__ == "__main__":
    pass
else:
    open("@CANARY@", "w").close()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
