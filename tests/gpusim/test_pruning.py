"""Kernels from factories whose options are functions or None: the closed path is never lowered, as in Numba."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, int32

import gpusim


@cuda.jit(device=True)
def driver(t):
    return t + 1


def with_is(function, count):
    @cuda.jit
    def kernel(out):
        if function is not None and count > int32(0):
            out[0] = function(2)
        else:
            out[1] = 1

    return kernel


def with_equality(function, count):
    @cuda.jit
    def kernel(out):
        if function != None:  # noqa: E711
            if function == None or count < 1:  # noqa: E711
                out[1] = 1
            else:
                out[0] = function(2)
        else:
            out[1] = 1

    return kernel


def with_a_choice(function, count):
    @cuda.jit
    def kernel(out):
        out[0] = function(2) if function is not None and count else 0
        out[1] = 0 if function is not None and count else 1

    return kernel


@pytest.mark.parametrize("make", [with_is, with_equality, with_a_choice])
@pytest.mark.parametrize(("function", "count"), [(driver, int32(1)), (None, int32(1)), (driver, int32(0))])
def test_an_optional_device_function(make, function, count):
    out = np.zeros(2)
    with gpusim.install():
        make(function, count)[1, 1](out)
    assert out.tolist() == ([3, 0] if function is not None and count else [0, 1])
