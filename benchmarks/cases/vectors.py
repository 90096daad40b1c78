"""Vector addition: one element per thread, nothing but global memory."""

from __future__ import annotations

import numpy as np
from numba import cuda, njit

from cases.case import Case, random

BLOCK = 256


@cuda.jit
def vector_add(out, a, b):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = a[i] + b[i]


@njit
def vector_add_loops(out, a, b):
    for i in range(out.size):
        out[i] = a[i] + b[i]


def _add(name: str, n: int, slow: bool = False) -> Case:
    return Case(
        f"vector add of {name}",
        vector_add,
        vector_add_loops,
        n // BLOCK,
        BLOCK,
        lambda: (np.zeros(n, np.float32), *random((n,), (n,))),
        lambda out, a, b: a + b,
        2 * n,
        slow,
    )


CASES = [_add("16384", 16384), _add("4M", 1 << 22, slow=True)]
