"""Local memory by the gigabyte, in two dimensions."""
# refused: launch: bytes per thread

from numba import cuda, float32

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = cuda.local.array((4096, 4096), float32)
    x[0, 0] = a[i]
    out[i] = 2 * x[0, 0] + 1
