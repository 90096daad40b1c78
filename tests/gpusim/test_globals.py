"""Globals and closure variables have the values of the time when Numba compiled: at decoration, or a first launch."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, float64, int64

import gpusim

N = 1.0
TABLE = np.array([1.0, 2.0])


@pytest.fixture(autouse=True)
def _values(monkeypatch):
    monkeypatch.setitem(globals(), "N", 1.0)
    monkeypatch.setitem(globals(), "TABLE", np.array([1.0, 2.0]))


def change(value):
    globals()["N"] = value
    TABLE[0] = value


def new_kernel(signature=None):
    factor = 1.0

    def kernel(a):
        a[0] = N
        a[1] = TABLE[0]
        a[2] = factor
        a[3] = called(1)

    @cuda.jit(device=True)
    def called(x):
        return x * N

    def set_factor(value):
        nonlocal factor
        factor = value

    return cuda.jit(kernel) if signature is None else cuda.jit(signature)(kernel), set_factor


def test_a_declared_kernel_reads_them_where_it_is_declared():
    with gpusim.install():
        kernel, set_factor = new_kernel("void(float64[:])")
        change(2.0)
        set_factor(2.0)
        a = np.zeros(4)
        kernel[1, 1](a)
    assert a.tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize("installed", [True, False])
def test_other_kernels_read_them_once_for_each_combination_of_types(installed):
    kernel, set_factor = new_kernel()

    def launch(dtype):
        a = np.zeros(4, dtype)
        if installed:
            with gpusim.install():
                kernel[1, 1](a)
                change(3.0)
                kernel[1, 1](a)
        else:
            gpusim.simulate(kernel)[1, 1](a)
        return a.tolist()

    assert launch(np.float64) == [1, 1, 1, 1]
    change(2.0)
    set_factor(2.0)
    if not installed:
        assert launch(np.float64) == [1, 1, 1, 1]
        assert launch(np.float32) == [2, 2, 2, 1]  # the device function has been compiled for int64 before


def test_a_device_function_keeps_what_it_read_for_its_types():
    """Whichever kernel calls it first; Numba compiles it once."""

    @cuda.jit(device=True)
    def scaled(x):
        return x * N

    @cuda.jit
    def first(a):
        a[0] = scaled(int64(1))

    @cuda.jit
    def second(a):
        a[0] = scaled(int64(1))
        a[1] = scaled(float64(1))

    a = np.zeros(2)
    gpusim.simulate(first)[1, 1](a)
    change(2.0)
    gpusim.simulate(second)[1, 1](a)
    assert a.tolist() == [1, 2]


def test_recompile_reads_them_again():
    with gpusim.install():
        kernel, _ = new_kernel()
        a = np.zeros(4)
        kernel[1, 1](a)
        change(2.0)
        kernel.recompile()
        kernel[1, 1](a)
    assert a[:3].tolist() == [2, 2, 1]
