"""Arrays that threads allocate for themselves, of lengths that they compute."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda

import gpusim
from gpusim.kernel.target import config

pytestmark = pytest.mark.numba_cuda("arrays that threads allocate")


@pytest.fixture(autouse=True)
def numba_runtime(monkeypatch):
    monkeypatch.setattr(config, "CUDA_ENABLE_NRT", True, raising=False)


def test_lengths_that_all_threads_agree_on():
    def kernel(out, n):
        length = np.ones(3)
        steps = np.arange(5 * length[0], n)
        part = np.zeros((n, steps.size))
        out[cuda.grid(1), 0] = steps[1]
        out[cuda.grid(1), 1] = part.size

    out = np.zeros((4, 2))
    gpusim.simulate(kernel)[1, 4](out, 7)
    np.testing.assert_array_equal(out, [[6, 14]] * 4)


def test_lengths_that_differ_need_threads_one_by_one():
    def kernel(out):
        i = cuda.grid(1)
        total = 0
        for k in np.arange(i + 1):
            total += k
        out[i] = total

    out = np.zeros(4)
    with pytest.raises(gpusim.KernelError, match=r"the length of .* differs between threads, .*scheduler='threads'"):
        gpusim.simulate(kernel, scheduler="lockstep")[1, 4](out)
    gpusim.simulate(kernel, scheduler="threads")[1, 4](out)
    assert out.tolist() == [0, 1, 3, 6]
