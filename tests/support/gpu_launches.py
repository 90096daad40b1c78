"""A launch for the tests of benchmarks/gpu.py."""

from __future__ import annotations

from typing import Any

from numba import cuda
from on_gpu.launches import Launch, normal, undefined


@cuda.jit
def doubled(out, a):
    i = cuda.grid(1)
    if i < out.size:
        out[i] = 2 * a[i]


def launch(name: str = "doubled", n: int = 100, **options: Any) -> Launch:
    """`n` numbers doubled by 128 threads."""
    return Launch(name, doubled, 4, 32, lambda: (undefined(n), normal(n)), **options)
