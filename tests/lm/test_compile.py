"""Every kernel compiles for compute capability 9.0 without a GPU, in single precision and without spills."""

from __future__ import annotations

import re

import pytest

from gpusim.codegen.compile import compile
from lm.kernels import KernelSet
from lm.kernels.matmul import MATMUL_TILED
from lm.kernels.softmax import SOFTMAX_THREE_PASS

pytestmark = pytest.mark.numba_cuda("compiling for a GPU")

OPERATIONS = {
    **dict(KernelSet.default()),
    **{f"{place}, naive": operation for place, operation in KernelSet.naive() if "naive" in operation.kernel.__name__},
    "matmul_tiled": MATMUL_TILED,
    "softmax_three_pass": SOFTMAX_THREE_PASS,
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_kernel_compiles_for_hopper(name):
    operation = OPERATIONS[name]
    compiled = compile(operation.kernel, operation.signature, "9.0")
    assert compiled.spill_load_bytes == compiled.spill_store_bytes == compiled.local_bytes == 0
    assert compiled.shared_bytes <= 48 * 1024
    assert not re.search(r"(add|mul|fma|ex2|div)\S*\.f64", compiled.ptx), "double precision is slow on a GPU"


@pytest.mark.parametrize("name", OPERATIONS)
def test_numba_cuda_mlir_compiles_it_as_well(name):
    pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
    from support.mlir import as_mlir

    operation = OPERATIONS[name]
    compiled = compile(as_mlir(operation.kernel), operation.signature, "9.0")
    assert compiled.package == "numba-cuda-mlir"
    assert compiled.spill_load_bytes == compiled.spill_store_bytes == compiled.local_bytes == 0
    assert compiled.shared_bytes == compile(operation.kernel, operation.signature, "9.0").shared_bytes
