"""Kernels written for numba-cuda-mlir, the successor of numba-cuda, simulate unchanged."""

from __future__ import annotations

import math
from types import ModuleType

import numba.cuda
import numba.cuda.libdevice
import numpy as np
import pytest

import gpusim
from gpusim.device.surface import Intrinsic, Special, numba_surface

mlir = pytest.importorskip("numba_cuda_mlir", reason="numba-cuda-mlir is not installed")

from numba_cuda_mlir import cuda, types  # noqa: E402
from numba_cuda_mlir.cuda import syncthreads as barrier  # noqa: E402
from numba_cuda_mlir.cuda import threadIdx as tid  # noqa: E402


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


def names(module: ModuleType, prefix: str = "", depth: int = 1) -> set[str]:
    """Dotted names of a CUDA module and of the modules and classes in it."""
    found = set()
    for name in dir(module):
        value = getattr(module, name)
        if name.startswith("_"):
            continue
        found.add(prefix + name)
        if depth and isinstance(value, ModuleType | type) and name in ("atomic", "cg", "const", "local", "shared"):
            found |= names(value, f"{prefix}{name}.", depth - 1)
    return found


def value_of(module: ModuleType, name: str) -> object:
    for part in name.split("."):
        module = getattr(module, part)
    return module


def test_every_name_that_both_packages_have_means_the_same():
    surface = numba_surface()
    compared = 0
    for name in sorted(names(numba.cuda) & names(cuda)):
        for kind in (Intrinsic, Special):
            expected = surface.find(value_of(numba.cuda, name), kind)
            if expected is not None:
                assert surface.find(value_of(cuda, name), kind) == expected, name
                compared += 1
    assert compared > 130


def test_the_functions_of_its_libraries_are_those_of_numba_cuda():
    def simulated(library: ModuleType) -> set[str]:
        return {name for name in dir(cuda.libdevice) if surface.find(getattr(library, name, None), Intrinsic)}

    surface = numba_surface()
    assert simulated(cuda.libdevice) == simulated(numba.cuda.libdevice)
    assert len(simulated(cuda.libdevice)) > 250
    halves = [value for name, value in vars(cuda.fp16).items() if name.startswith("h")]
    assert len(halves) == 32
    assert all(surface.find(function, Intrinsic) for function in halves)


@cuda.jit
def functions(out, a, h):
    i = cuda.grid(1)
    out[0, i] = cuda.libdevice.sinf(a[i])
    out[1, i] = math.sqrt(a[i])
    out[2, i] = np.exp(a[i])
    out[3, i] = cuda.fp16.hadd(h[i], h[i])
    out[4, i] = cuda.float32x2(a[i], 2).y + cuda.float16x2(a[i], 3).y
    out[5, i] = cuda.popc(i) + cuda.clz(types.int32(i)) + cuda.ffs(i) + cuda.selp(i > 3, 1, 2)
    out[6, i] = cuda.fma(a[i], 2, 1)
    out[7, i] = cuda.cbrt(a[i])


def test_functions_of_numbers():
    a = np.linspace(0, 3, 32, dtype=np.float32)
    h = a.astype(np.float16)
    out = np.zeros((8, 32), np.float32)
    gpusim.simulate(functions)[1, 32](out, a, h)
    i = np.arange(32)
    bits = np.array([bin(k).count("1") + 32 - int(k).bit_length() + ((k & -k).bit_length()) for k in range(32)])
    expected = [
        np.sin(a),
        np.sqrt(a),
        np.exp(a),
        h + h,
        np.full(32, 5),
        bits + np.where(i > 3, 1, 2),
        a * 2 + 1,
        np.cbrt(a),
    ]
    np.testing.assert_allclose(out, expected, rtol=1e-6)


@cuda.jit
def lanes(out):
    i = tid.x
    out[0, i] = cuda.laneid
    out[1, i] = cuda.shfl_xor_sync(0xFFFFFFFF, i, 1)
    out[2, i] = cuda.ballot_sync(0xFFFFFFFF, i < 4)
    out[3, i] = cuda.warpsize + cuda.gridsize(1)
    barrier()


def test_names_imported_one_by_one_and_lanes():
    out = np.zeros((4, 64), np.int64)
    run = gpusim.simulate(lanes)[1, 64](out)
    i = np.arange(64)
    np.testing.assert_array_equal(out, [i % 32, i ^ 1, np.where(i < 32, 15, 0), np.full(64, 96)])
    assert run.counts["barriers"] == 1


@cuda.jit
def draws(out, states):
    i = cuda.grid(1)
    out[i] = cuda.random.xoroshiro128p_uniform_float32(states, i)


def test_random_numbers_are_those_of_numba_cuda():
    from numba.cuda.random import init_xoroshiro128p_states_cpu, xoroshiro128p_dtype, xoroshiro128p_uniform_float32

    @numba.cuda.jit
    def numba_draws(out, states):
        i = numba.cuda.grid(1)
        out[i] = xoroshiro128p_uniform_float32(states, i)

    results = []
    for kernel in (draws, numba_draws):
        states = np.zeros(64, xoroshiro128p_dtype)
        init_xoroshiro128p_states_cpu(states, 7, 0)
        out = np.zeros(64, np.float32)
        gpusim.simulate(kernel)[2, 32](out, states)
        results.append((out.tolist(), states.tobytes()))
    assert results[0] == results[1]
    assert len(set(results[0][0])) == 64


@cuda.jit
def grid_sum(total, a):
    part = cuda.local.array(1, np.float64)
    part[0] = a[cuda.grid(1)]
    cuda.atomic.add(total, 0, part[0])
    cuda.cg.this_grid().sync()
    a[cuda.grid(1)] = total[0]


def test_grid_barrier_and_local_arrays():
    a, total = np.arange(96.0), np.zeros(1)
    run = gpusim.simulate(grid_sum)[3, 32](total, a)
    assert (a == 95 * 48).all()
    assert run.findings == []


def test_arrays_that_kernels_make():
    @cuda.jit
    def kernel(a):
        made = np.zeros(4, np.float32)
        made[1] = a[0]
        a[1] = made[1] + made[2]

    a = np.full(2, 3, np.float32)
    gpusim.simulate(kernel)[1, 1](a)
    assert a[1] == 3
    assert gpusim.compile(kernel, "void(float32[:])").registers > 0


def test_its_extensions_are_refused_by_name():
    @cuda.jit
    def wide(a):
        a[0] = cuda.vector.load(a, 0, 4)[0]

    with pytest.raises(gpusim.KernelError, match=r"cuda.vector.load is an extension of numba-cuda-mlir"):
        gpusim.simulate(wide)[1, 1](np.zeros(4))
