"""Every solution compiles for compute capability 9.0 without a GPU, in single precision and without spills."""

from __future__ import annotations

import re

import pytest

from gpusim.codegen.compile import compile
from gpusim.errors import KernelError
from puzzles import catalog

pytestmark = pytest.mark.numba_cuda("compiling for a GPU")


@pytest.mark.parametrize("puzzle", catalog.puzzles(), ids=catalog.ids())
def test_the_solution_compiles_for_hopper(puzzle):
    compiled = compile(puzzle.kernel, puzzle.signature, "9.0")
    assert compiled.cubin
    assert compiled.spill_load_bytes == compiled.spill_store_bytes == 0
    assert not re.search(r"(add|mul|fma|ex2|div|rcp|sqrt)\S*\.f64", compiled.ptx), "double precision is slow on a GPU"


@pytest.mark.parametrize("puzzle", catalog.puzzles(), ids=catalog.ids())
def test_numba_cuda_mlir_compiles_the_solution_as_well(puzzle):
    pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")
    from support.mlir import as_mlir

    try:
        compiled = compile(as_mlir(puzzle.kernel), puzzle.signature, "9.0")
    except KernelError as refused:
        if "NotImplemented lowering call to <built-in function min>" in str(refused):
            pytest.xfail("numba-cuda-mlir 0.6 has no min() of three values")
        raise
    assert compiled.package == "numba-cuda-mlir"
    assert compiled.spill_load_bytes == compiled.spill_store_bytes == 0


def test_shared_tiles_are_the_ones_of_the_task():
    compiled = {name: compile(catalog.load(name).kernel, catalog.load(name).signature, "9.0") for name in catalog.ids()}
    sizes = {name: kernel.shared_bytes for name, kernel in compiled.items() if kernel.shared_bytes}
    assert sizes == {
        "gemm-shared-3x3": 2 * 9 * 4,
        "gemm-tiled-6x6": 2 * 9 * 4,
        "gemm-any-size": 2 * 16 * 4,
        "row-sum": 32 * 4,
        "attention-tiled": 2 * 4 * 8 * 4,
        "layer-norm": 32 * 4,
    }
