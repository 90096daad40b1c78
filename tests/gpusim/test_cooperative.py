"""Grids that synchronise must fit on the device, as CUDA has it."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float32

import gpusim
from gpusim import KernelError

SMS = 132  # of the device simulated


@cuda.jit
def shift(a):
    grid = cuda.cg.this_grid()
    i = cuda.grid(1)
    value = a[(i + 1) % a.size]
    grid.sync()
    a[i] = value


@cuda.jit(device=True)
def wait():
    cuda.cg.this_grid().sync()


@cuda.jit
def through_a_function(a):
    part = cuda.shared.array(8192, float32)
    part[cuda.threadIdx.x] = 0
    wait()
    a[cuda.grid(1)] = part[cuda.threadIdx.x]


@pytest.mark.parametrize("threads", [1024, 256, 1000, 32])
def test_as_many_blocks_as_the_device_holds_and_no_more(threads):
    warps = -(-threads // 32)
    most = SMS * min(32, 64 // warps)  # 2,048 threads, 32 blocks a multiprocessor
    if most * threads <= 300_000:
        a = np.arange(most * threads)
        gpusim.simulate(shift)[most, threads](a)
        assert a[-1] == 0 and a[0] == 1
    with pytest.raises(KernelError, match=f"holds {most:,} at once"):
        gpusim.simulate(shift)[most + 1, threads](np.zeros((most + 1) * threads))


def test_shared_memory_counts():
    """32 KB a block, and 1 KB in reserve for each: six of them in 228 KB."""
    with pytest.raises(KernelError, match=f"holds {6 * SMS:,} at once"):
        gpusim.simulate(through_a_function)[6 * SMS + 1, 64](np.zeros((6 * SMS + 1) * 64))
