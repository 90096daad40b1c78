"""`print` in kernels shows what CUDA's printf shows."""

from __future__ import annotations

import numpy as np
import pytest
from numba import cuda
from numba.core.errors import NumbaWarning

import gpusim


@pytest.mark.numba_cuda("printing booleans and tuples")
@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_one_line_for_each_thread(scheduler, capsys):
    def kernel(a):
        i = cuda.grid(1)
        if i % 2:
            print("thread", i, a[i], a[i] > 0, (i, a[i]))

    gpusim.simulate(kernel, scheduler=scheduler)[1, 4](np.array([0.5, -1.0, 2.0, 1 / 3]))
    assert capsys.readouterr().out.splitlines() == [
        "thread 1 -1.000000 False (1, -1.000000)",
        "thread 3 0.333333 True (3, 0.333333)",
    ]


@pytest.mark.numba_cuda("printing booleans and tuples")
def test_more_items_than_printf_takes_print_their_formats(capsys):
    def kernel(a, n, x):
        print(
            a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13], a[14], a[15],
            a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12], a[13],
            n, x, (n, x),
        )  # fmt: skip

    with pytest.warns(NumbaWarning, match="cannot print more than 32 items"):
        gpusim.simulate(kernel)[1, 1](np.arange(16), np.uint32(1), np.float32(2))
    assert capsys.readouterr().out == " ".join(["%lld"] * 30 + ["%llu", "%f", "(%llu, %f)"]) + "\n"
