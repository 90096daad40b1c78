"""Builtins and functions of NumPy that Numba knows as Python code, against the same kernel as compiled `njit` code."""

from __future__ import annotations

import linecache
import math
from itertools import count

import numpy as np
import pytest
from numba import cuda, int32, njit

import gpusim

_numbers = count()

EXPRESSIONS = (
    "sum((1, 2, 3))",
    "sum((1, 2.5))",
    "sum(x)",
    "sum(x, 10)",
    "sum(range(k))",
    "min(x)",
    "max(x)",
    "min(n)",
    "min(s, k)",
    "len(range(2, 11, 3))",
    "len(range(k, 0, -2))",
    "k in range(10)",
    "k in range(0, 10, 2)",
    "k in range(9, 0, -2)",
    "k not in range(k, 20)",
    pytest.param("np.searchsorted(x, s)", marks=pytest.mark.numba_cuda("np.searchsorted")),
    "np.real(c[1])",
    "np.imag(c[1])",
    "np.angle(c[1])",
    "np.sinc(s)",
    "np.finfo(np.float32).max",
    "np.finfo(np.float64).eps",
    "np.iinfo(np.int32).min",
    "np.iinfo(n.dtype).max",
    "np.shape(f)[1]",
    "np.size(f)",
    "f.flat[7]",
    "isinstance(s, float)",
    "isinstance(k, (float, int))",
    "isinstance(k, float)",
    "isinstance((k, k), tuple)",
    "hasattr(x, 'shape')",
    "hasattr(x, 'length')",
)


def kernel_of(expression):
    """A function of one statement, with source text that can be read."""
    text = f"def kernel(x, f, n, c, y, s, k):\n    y[0] = {expression}\n"
    file = f"<function {next(_numbers)}>"
    linecache.cache[file] = (len(text), None, text.splitlines(True), file)
    names = {"np": np, "math": math}
    exec(compile(text, file, "exec"), names)
    return names["kernel"]


def arguments():
    return (
        np.array([0.5, 1.5, 1.75, 3.0, math.nan, 9.0])[:4],
        np.arange(24, dtype=np.float32).reshape(6, 4),
        np.array([4, -3, 7], dtype=np.int32),
        np.array([1, 2 + 3j, -1j]),
        np.zeros(1),
        1.65,
        5,
    )


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_as_compiled(expression):
    kernel = kernel_of(expression)
    expected, found = arguments(), arguments()
    njit(kernel)(*expected)
    with gpusim.install():
        cuda.jit(kernel)[1, 1](*found)
    assert found[4][0] == expected[4][0]


@pytest.mark.numba_cuda("np.searchsorted")
def test_each_thread_has_its_own():
    @cuda.jit
    def kernel(a, smallest, places, within):
        i = cuda.grid(1)
        smallest[i] = min(a[i])
        places[i] = np.searchsorted(a[0], a[i, 0] + i)
        within[i] = i in range(i % 2, 7, 2)

    a = np.sort(np.random.default_rng(0).random((8, 5)) * 9)
    smallest, places, within = np.zeros(8), np.zeros(8, np.int64), np.zeros(8, np.bool_)
    gpusim.simulate(kernel)[1, 8](a, smallest, places, within)
    np.testing.assert_array_equal(smallest, a.min(axis=1))
    np.testing.assert_array_equal(places, np.searchsorted(a[0], a[:, 0] + np.arange(8)))
    assert within.tolist() == [i in range(i % 2, 7, 2) for i in range(8)]


def test_a_constant_array_may_be_an_argument():
    """Numba's `const.array_like` gives its argument back; only arrays among the globals are in constant memory."""

    @cuda.jit
    def kernel(out, a):
        i = cuda.grid(1)
        out[i] = cuda.const.array_like(a)[i] * 2

    out = np.zeros(4)
    run = gpusim.simulate(kernel)[1, 4](out, np.arange(4.0))
    assert out.tolist() == [0, 2, 4, 6]
    assert (run.counts["constant"]["loads"], run.counts["global"]["loads"]) == (0, 4)


def test_a_wrapper_of_the_grid_that_looks_at_types():
    @cuda.jit
    def outside(index, shape):
        if isinstance(index, (int, int32)):
            return False
        if isinstance(index, tuple):
            for i, s in zip(index, shape):  # noqa: B905
                if i >= s:
                    return True
        return False

    @cuda.jit
    def kernel(b):
        place = (cuda.threadIdx.x // 3, cuda.threadIdx.x % 3)
        if not outside(place, b.shape):
            b[place] = 1

    b = np.zeros((2, 3))
    with gpusim.install():
        kernel[1, 32](b)
    assert b.all()


def test_a_tuple_is_assigned_item_by_item():
    @cuda.jit(device=True)
    def colour(i, j):
        return np.uint8(10 * i), np.uint8(j), np.uint8(7)

    @cuda.jit
    def kernel(frame):
        i, j = cuda.grid(2)
        if i < frame.shape[0] and j < frame.shape[1]:
            frame[i, j] = colour(i, j)

    frame = np.zeros((3, 5, 3), np.uint8)
    gpusim.simulate(kernel)[1, (4, 8)](frame)
    assert frame.tolist() == [[[10 * i, j, 7] for j in range(5)] for i in range(3)]

    @cuda.jit
    def too_many(frame):
        frame[0, 0] = (1, 2)

    with pytest.raises(gpusim.KernelError, match=r"cannot assign 2 items to shape \(3,\) in `frame\[0, 0\]`"):
        gpusim.simulate(too_many)[1, 1](frame)


def test_a_slice_of_its_own_can_be_seen_as_another_type():
    """Runs of an ODE solver that share one dynamic array: each thread has a slice of it, in its own precision."""

    @cuda.jit
    def kernel(out, width):
        i = cuda.threadIdx.x
        mine = cuda.shared.array(0, np.float32)[i * width : (i + 1) * width].view(np.float64)
        for j in range(mine.shape[0]):
            mine[j] = 10 * i + j
        cuda.syncthreads()
        whole = cuda.shared.array(0, np.float64)
        out[i] = whole[i * width // 2] + mine.shape[0]

    out = np.zeros(8)
    gpusim.simulate(kernel)[1, 8, 0, 8 * 6 * 4](out, 6)
    assert out.tolist() == [10 * i + 3 for i in range(8)]
