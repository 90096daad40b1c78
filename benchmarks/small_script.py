"""A small program for numba.cuda: a 3x3 matrix product, launched as often as it is told to (once).

Prints the median of the milliseconds of all launches but the first. For first_second.py.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from numba import cuda, float32


@cuda.jit
def matmul(c, a, b):
    i, j = cuda.grid(2)
    if i < 3 and j < 3:
        total = float32(0)
        for k in range(3):
            total += a[i, k] * b[k, j]
        c[i, j] = total


def main() -> None:
    a = np.ones((3, 3), dtype=np.float32)
    c = np.zeros_like(a)
    seconds = []
    for _ in range(int(sys.argv[1]) if len(sys.argv) > 1 else 1):
        start = time.perf_counter()
        matmul[1, (3, 3)](c, a, a)
        seconds.append(time.perf_counter() - start)
    assert (c == 3).all()
    if seconds[1:]:
        print(statistics.median(seconds[1:]) * 1e3)


if __name__ == "__main__":
    main()
