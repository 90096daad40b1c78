"""The smallest launch of the course: a 3x3 matrix product by nine threads. For latency, not throughput."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import cuda, float32

import gpusim


def new_kernel() -> Any:
    """A kernel that gpusim has not seen, as after an edit."""

    @cuda.jit
    def matmul(c, a, b):
        i, j = cuda.grid(2)
        if i < 3 and j < 3:
            total = float32(0)
            for k in range(3):
                total += a[i, k] * b[k, j]
            c[i, j] = total

    return matmul


def main() -> None:
    a = np.ones((3, 3), dtype=np.float32)
    c = np.zeros_like(a)
    run = gpusim.simulate(new_kernel())[1, (3, 3)](c, a, a)
    assert run.counts["global"]["loads"] == 54
    assert (c == 3).all()
