"""The fast part of the run on numba-cuda-mlir; `make conformance` runs all of it and writes results/mlir.json."""

import json
from pathlib import Path

import pytest
from conformance.mlir.reasons import reason
from conformance.mlir.translate import translated

pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
pytest.importorskip("filecheck", reason="numba-cuda's tests import it")

RESULTS = json.loads((Path(__file__).parent.parent / "results" / "mlir.json").read_text())

FILES = (
    "cudadrv/test_cuda_ndarray.py",
    "cudapy/test_forall.py",
    "cudapy/test_overload.py",
    "cudapy/test_sync.py",
    "cudapy/test_warp_ops.py",
    "doc_examples/test_matmul.py",
    "doc_examples/test_reduction.py",
)


def test_outcomes_are_those_of_the_table():
    from conformance.mlir.run import run

    outcomes = run(FILES)
    failed = {test: error for test, (outcome, error) in outcomes.items() if outcome == "failed"}
    assert not {test: error for test, error in failed.items() if test not in RESULTS["failures"]}
    for file in FILES:
        passed = sum(test.startswith(file) and outcome == "passed" for test, (outcome, _) in outcomes.items())
        assert passed >= RESULTS["files"][file]["numba-cuda-mlir"]["passed"], file


def test_every_failure_in_the_table_has_a_reason():
    assert not [test for test, why in RESULTS["failures"].items() if why.startswith("unexplained")]
    assert reason("cudapy/test_sync.py::TestCudaSync::test_syncthreads", "AssertionError: 1 != 2") is None


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from numba import cuda", "from numba_cuda_mlir import cuda"),
        ("    from numba import njit", "    from numba import njit"),
        ("from numba.cuda import float32", "from numba_cuda_mlir.cuda import float32"),
        ("from numba.cuda.bf16 import (", "from numba_cuda_mlir.numba_cuda.bf16 import ("),
        ("from numba.cuda.testing import unittest", "from translated_testing import unittest"),
        ("@numba.cuda.jit", "@numba_cuda_mlir.cuda.jit"),
    ],
)
def test_names_are_translated(line, expected):
    assert translated(line) == expected


def test_several_names_of_one_import_may_go_different_ways():
    lines = translated("from numba import cuda, types, njit").splitlines()
    assert lines == [
        "from numba_cuda_mlir import cuda",
        "from numba_cuda_mlir.numba_cuda import types",
        "from numba import njit",
    ]
