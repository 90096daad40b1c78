"""A closure that counts the launches."""
# refused: file: a `nonlocal` statement

from numba import cuda

PUZZLE = "map"


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    count = 0
    
    def next_launch():
        nonlocal count
        count += 1
    
    next_launch()
    out[i] = 2 * a[i] + 1
