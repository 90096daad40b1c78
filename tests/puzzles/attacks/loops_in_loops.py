"""No loop is long, and together they never end."""
# refused: launch: given up after 500,000 rounds

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    x = 0
    for j in range(4_000):
        for k in range(4_000):
            for l in range(4_000):
                x += l
    out[i] = 2 * a[i] + 1
