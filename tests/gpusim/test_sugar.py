"""Python's other ways to say it: what Numba compiles for the processor gives the same numbers as the simulator."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda, njit

import gpusim

STEP = 3


def lists_in_loops(k, a):
    total = 0.0
    for step in [1, 2, 4]:
        if k % step == 0:
            total += a[(k + step) % a.size]
    for dx, dy in [(0, 1), (1, 0)]:
        total = total * 2 + a[dx] * a[dy + k % 2]
    return total + 100 * (k in [1, 2, 5]) + 1000 * (k not in [1, 2])


def matches(k, a):
    total = 0.0
    match k % 5:
        case 0:
            total = a[0]
        case 1 | 2:
            total = a[1] * 10
        case _:
            total = -1.0
    match k:
        case 3 if total < 0:
            total += 50
        case other if other > 5:
            total += other
        case _:
            pass
    return total


def reads_a_global(k, a):
    global STEP
    return a[k % STEP]


def places(k, a):
    total = 0.0
    for i, j in np.ndindex(2, 3):
        total = total * 2 + (i * 3 + j == k)
    for place, value in np.ndenumerate(a):
        total += place[0] * value
    return total


def types_of_values(k, a):
    return type(k)(2.75) + a.dtype.type(k)


def slices(k, a):
    part = slice(1, 5)
    every = slice(None, None, 2)
    return a[part][k % 4] * 10 + a[every][k % 3]


def starred(k, a):
    pair = (k, 2)
    triple = (*pair, 5)
    return a[triple[0] % 8] + triple[2]


only_numba_cuda = pytest.param(places, marks=pytest.mark.numba_cuda("np.ndindex"))


@pytest.mark.parametrize(
    "function", [lists_in_loops, matches, reads_a_global, only_numba_cuda, types_of_values, slices, starred]
)
def test_same_as_compiled_for_the_processor(function):
    device = cuda.jit(device=True)(function)

    @cuda.jit
    def kernel(out, a):
        k = cuda.grid(1)
        out[k] = device(k, a)

    a, out = np.arange(8.0) + 0.5, np.zeros(9)
    gpusim.simulate(kernel)[1, 9](out, a)
    compiled = njit(function)
    np.testing.assert_array_equal(out, [compiled(k, a) for k in range(9)])


def test_patterns_of_structure_are_refused():
    @cuda.jit
    def kernel(out):
        match out[0]:
            case [_, _]:
                out[0] = 1

    with pytest.raises(gpusim.KernelError, match=r"test_sugar.py:\d+: `case \[_, _\]` cannot be used in a kernel"):
        gpusim.simulate(kernel)[1, 1](np.zeros(1))


def test_a_global_cannot_be_assigned():
    @cuda.jit
    def kernel(out):
        global STEP
        STEP = 4

    with pytest.raises(gpusim.KernelError, match=r"test_sugar.py:\d+: a kernel cannot assign to the global 'STEP'"):
        gpusim.simulate(kernel)[1, 1](np.zeros(1))
