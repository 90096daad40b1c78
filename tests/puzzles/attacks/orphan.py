"""A process that outlives the check."""
# refused: file: may import

import subprocess
from numba import cuda

PUZZLE = "map"
subprocess.Popen(['sleep', '1000'], start_new_session=True)


@cuda.jit
def kernel(out, a):
    i = cuda.threadIdx.x
    out[i] = 2 * a[i] + 1
