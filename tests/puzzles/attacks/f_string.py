"""So do f-strings."""
# refused: file: an f-string cannot be used

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    print(f'{out.__class__}')
    out[cuda.threadIdx.x] = 2 * a[cuda.threadIdx.x] + 1
