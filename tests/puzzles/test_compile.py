"""Every solution compiles for compute capability 9.0 without a GPU, in single precision and without spills."""

from __future__ import annotations

import re

import pytest

from gpusim.codegen.compile import compile
from gpusim.errors import KernelError
from puzzles import catalog
from puzzles.check.cases import cases
from puzzles.check.launch import run_case

pytestmark = pytest.mark.numba_cuda("compiling for a GPU")


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_the_solution_compiles_for_hopper(puzzle):
    for name, kernel in puzzle.kernels.items():
        compiled = compile(kernel, puzzle.signatures[name], "9.0")
        assert compiled.cubin
        assert compiled.spill_load_bytes == compiled.spill_store_bytes == 0
        double = re.search(r"(add|mul|fma|ex2|div|rcp|sqrt)\S*\.f64", compiled.ptx)
        assert not double, "double precision is slow on a GPU"


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_numba_cuda_mlir_compiles_the_solution_as_well(puzzle):
    pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
    from support.mlir import as_mlir

    for name, kernel in puzzle.kernels.items():
        try:
            compiled = compile(as_mlir(kernel), puzzle.signatures[name], "9.0")
        except KernelError as refused:
            if "NotImplemented lowering call to <built-in function min>" in str(refused):
                pytest.xfail("numba-cuda-mlir 0.6 has no min() of three values")
            if "NotImplemented lowering call" in str(refused) and "stubs.threadfence" in str(refused):
                pytest.xfail("numba-cuda-mlir 0.6 has no threadfence()")
            raise
        assert compiled.package == "numba-cuda-mlir"
        assert compiled.spill_load_bytes == compiled.spill_store_bytes == 0


@pytest.mark.parametrize("puzzle", catalog.kernel_puzzles(), ids=lambda puzzle: puzzle.id)
def test_the_simulator_counts_the_shared_memory_that_the_compiler_takes(puzzle):
    case = next(cases(puzzle, seed=0))
    counted = run_case(puzzle.kernels, case).counters["shared memory"]
    dynamic = max(launch.shared for launch in case.launches)
    compiled = [compile(kernel, puzzle.signatures[name], "9.0") for name, kernel in puzzle.kernels.items()]
    assert counted == dynamic + max(kernel.shared_bytes for kernel in compiled)
