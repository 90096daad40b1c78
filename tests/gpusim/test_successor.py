"""Kernels written for numba-cuda-mlir, the successor of numba-cuda, simulate unchanged."""

from __future__ import annotations

import numpy as np
import pytest

import gpusim

mlir = pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")

from numba_cuda_mlir import cuda, types  # noqa: E402


@cuda.jit(device=True)
def doubled(x):
    return x * types.float32(2)


@cuda.jit
def reverse(out, a, total):
    tile = cuda.shared.array(32, types.float32)
    i = cuda.threadIdx.x
    tile[i] = a[cuda.grid(1)]
    cuda.syncthreads()
    out[cuda.grid(1)] = doubled(tile[cuda.blockDim.x - 1 - i])
    cuda.atomic.add(total, 0, a[cuda.grid(1)])


def test_arrays_barriers_atomics_and_device_functions():
    a = np.arange(64, dtype=np.float32)
    out, total = np.zeros_like(a), np.zeros(1, dtype=np.float32)
    run = gpusim.simulate(reverse)[2, 32](out, a, total)
    np.testing.assert_array_equal(out, 2 * a.reshape(2, 32)[:, ::-1].reshape(-1))
    assert total[0] == a.sum()
    assert run.counts["shared"]["loads"] == 64
    assert run.counts["barriers"] == 2
    assert run.findings == []
