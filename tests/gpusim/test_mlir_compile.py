"""Kernels written for numba-cuda-mlir are compiled by it, without a GPU."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

import gpusim
from gpusim.kernel.dialects import MLIR, NUMBA, package_of
from gpusim.places import shown_path

pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")

import numba.cuda
from numba_cuda_mlir import cuda, types
from numba_cuda_mlir import tools as mlir_tools
from numba_cuda_mlir.cuda import float32

TABLE = np.arange(1000, dtype=np.float32)


@cuda.jit(device=True)
def wave(x):
    return math.sin(x) + x * float32(3)


@cuda.jit
def tiled(out, a):
    tile = cuda.shared.array((32, 33), float32)
    i, j = cuda.threadIdx.y, cuda.threadIdx.x
    tile[i, j] = a[i, j]
    cuda.syncthreads()
    out[j, i] = wave(tile[j, i])


@cuda.jit(max_registers=24)
def crowded(out, a):
    sums = cuda.local.array(32, types.float64)
    i = cuda.grid(1)
    for j in range(32):
        sums[j] = a[i + j]
    for j in range(32):
        for k in range(32):
            sums[j] += math.sin(sums[k]) * sums[(j + k) % 32]
    total = 0.0
    for j in range(32):
        total += sums[j]
    out[i] = total


@cuda.jit
def lookup(a):
    a[cuda.grid(1)] = cuda.const.array_like(TABLE)[cuda.grid(1)]


@cuda.jit
def grid_barrier(a):
    cuda.cg.this_grid().sync()
    a[0] = 1


def plain(a):
    a[cuda.threadIdx.x] = 1


@pytest.mark.parametrize("cc", ["7.5", "8.0", "8.6", "9.0", "10.0", "12.0"])
def test_the_numbers_are_those_of_the_image(cc: str) -> None:
    compiled = gpusim.compile(tiled, "void(float32[:, ::1], float32[:, ::1])", cc)
    assert compiled.package == "numba-cuda-mlir"
    assert compiled.signature == "void(float32[:, ::1], float32[:, ::1])"
    assert f"Used {compiled.registers} registers" in compiled.log
    assert compiled.shared_bytes == 32 * 33 * 4
    assert compiled.instructions == {"LDG.32": 1, "LDS.32": 1, "STG.32": 1, "STS.32": 1}
    assert f".target sm_{cc.replace('.', '')}" in compiled.ptx


def test_a_register_limit_makes_spills() -> None:
    limited = gpusim.compile(crowded, "void(float64[::1], float64[::1])")
    free = gpusim.compile(crowded.py_func, "void(float64[::1], float64[::1])")
    assert limited.registers <= 24 < free.registers
    # The sine is a function of its own here, which needs more registers than the kernel.
    used = [int(count) for count in re.findall(r"^info .*used (\d+) registers", free.log, re.MULTILINE)]
    assert free.registers == max(used) > int(re.search(r"Used (\d+) registers", free.log)[1])
    assert limited.spill_store_bytes > 0 and limited.spill_load_bytes > 0
    assert free.spill_store_bytes == 0
    assert free.local_bytes >= 32 * 8


def test_what_is_in_the_image_but_not_of_the_kernel_does_not_count() -> None:
    """A grid barrier links a library with many kernels of its own."""
    for barrier in (grid_barrier, numba.cuda.jit(in_numba_cuda)):
        compiled = gpusim.compile(barrier, "void(float32[:])")
        assert len(compiled.cubin) > 100_000
        assert compiled.instructions == {"STG.32": 1}
        assert compiled.shared_bytes == 0


def in_numba_cuda(a):
    numba.cuda.cg.this_grid().sync()
    a[0] = 1


def test_constant_arrays_and_link_time_optimisation() -> None:
    assert gpusim.compile(lookup, "void(float32[:])").constant_bytes == TABLE.nbytes
    optimised = gpusim.compile(cuda.jit(lto=True)(lookup.py_func), "void(float32[:])")
    assert f"Used {optimised.registers} registers" in optimised.log
    assert ".target sm_90" in optimised.ptx


def test_a_plain_function_is_compiled_by_the_package_whose_names_it_uses() -> None:
    assert package_of(plain) is package_of(tiled) is package_of(gpusim.jit(plain)) is MLIR
    assert package_of(in_numba_cuda) is package_of(numba.cuda.jit(in_numba_cuda)) is NUMBA

    def inner(a):
        tiled(a)

    assert package_of(inner) is package_of(lambda a: cuda.syncthreads()) is MLIR
    assert package_of(len) is NUMBA
    assert gpusim.compile(plain, "void(float32[:])").package == "numba-cuda-mlir"
    assert gpusim.compile(in_numba_cuda, "void(float32[:])").package == "numba-cuda"


def test_the_time_model_gets_registers_from_it() -> None:
    run = gpusim.simulate(tiled)[1, (32, 32)](np.zeros((32, 32), np.float32), np.ones((32, 32), np.float32))
    compiled = gpusim.compile(tiled, "void(float32[:, ::1], float32[:, ::1])")
    assert run.time("h200").registers == compiled.registers


def test_nothing_stays_pretended() -> None:
    gpusim.compile(plain, "void(float32[:])")
    assert mlir_tools._cached_cc is None or gpusim.host.gpu.find_gpu(MLIR)


def returns_a_value(a):
    return a[cuda.threadIdx.x]


def uses_an_unknown_name(a):
    a[cuda.threadIdx.x] = no_such_name  # noqa: F821


def stores_text(a):
    a[cuda.threadIdx.x] = "text"


def gives_the_compiler_trouble(a):
    a[cuda.threadIdx.x] = len("abc" + "d")


@pytest.mark.parametrize(
    ("kernel", "reason"),
    [
        (returns_a_value, "float32"),
        (uses_an_unknown_name, "no_such_name"),
        (stores_text, "No implementation of function"),
        (gives_the_compiler_trouble, "getattr"),
    ],
)
def test_a_kernel_that_it_refuses(kernel, reason: str) -> None:
    with pytest.raises(gpusim.KernelError, match=reason) as caught:
        gpusim.compile(kernel, "void(float32[:])")
    message = str(caught.value)
    assert f"{shown_path(__file__)}:" in message and kernel.__name__ in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("signature", "cc", "message"),
    [
        ("void(float32[:", "9.0", "cannot read the signature"),
        ("float32(float32[:])", "9.0", "a kernel returns nothing"),
        ("void(float32[:])", "5.0", "does not compile for sm_50"),
        ("void(float32[:])", "nine", "not of the form major.minor"),
    ],
)
def test_bad_input(signature: str, cc: str, message: str) -> None:
    with pytest.raises(gpusim.GpusimError, match=message):
        gpusim.compile(plain, signature, cc)


def test_without_the_compiler_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    from numba_cuda_mlir import mlir_optimization
    from numba_cuda_mlir.numba_cuda.cudadrv.error import NvvmSupportError

    def missing(*args: object, **options: object) -> None:
        raise NvvmSupportError("libNVVM cannot be found")

    monkeypatch.setattr(mlir_optimization, "_call_llvm70_capi", missing)
    with pytest.raises(gpusim.GpusimError, match=r"pip install 'numba-cuda-mlir\[cu13\]'"):
        gpusim.compile(plain, "void(float32[:])")
