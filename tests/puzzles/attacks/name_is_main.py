"""`__name__` is bound before the block that only scripts run."""
# refused: file: begin with two underscores belong to Python

from numba import cuda

PUZZLE = "map"
__name__ = "__main__"
if __name__ == "__main__":
    open("@CANARY@", "w").close()


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
