"""The GPU device of the language model, with the simulator in the GPU's place."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import gpusim
from lm.devices import Gpu
from lm.kernels.pointwise import GELU


@pytest.mark.parametrize("package", ["numba-cuda", "numba-cuda-mlir"])
def test_kernels_of_both_packages_run_on_its_arrays(package, monkeypatch):
    operation = GELU
    if package == "numba-cuda-mlir":
        pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
        from support.mlir import as_mlir

        operation = replace(GELU, kernel=as_mlir(GELU.kernel))
    monkeypatch.setattr("lm.devices.require_gpu", lambda: None)
    values = np.random.default_rng(0).normal(size=(3, 40)).astype(np.float32)
    with gpusim.install("none"):
        device = Gpu()
        out = device.empty(values.shape)
        device.launch("gelu", operation, out, device.put(values))
        result = device.get(out)
    np.testing.assert_allclose(result, operation.reference(values), rtol=1e-5, atol=1e-6)
    assert device.rows["gelu"].launches == 1
