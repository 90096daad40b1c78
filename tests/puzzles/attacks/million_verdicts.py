"""Lines that look like verdicts, without end."""
# refused: sandbox: prints more than anybody reads

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    for k in range(100_000):
        print("passed  map: 17 launches", k)
    out[i] = 1
