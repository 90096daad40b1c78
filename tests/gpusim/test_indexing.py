"""Indices of unusual kinds mean in a kernel what they mean to NumPy."""

from __future__ import annotations

import numpy as np
import pytest

import gpusim

PAIR = np.dtype([("n", np.int8), ("x", np.float64)])


@pytest.mark.parametrize("scheduler", ["lockstep", "threads"])
def test_an_array_without_dimensions_is_an_index(scheduler):
    def pick(out, a, i, j):
        out[()] = a[i]
        a[j] = a[i]

    values = np.zeros(4, PAIR)
    values["n"], values["x"] = np.arange(4), np.arange(4) / 2
    out, i, j = np.zeros((), PAIR), np.array(2), np.array(-1, np.int32)
    run = gpusim.simulate(pick, scheduler=scheduler)[1, 1](out, values, i, j)
    assert out[()] == values[2] == values[3]
    assert (run.arrays["i"]["loads"], run.arrays["j"]["loads"]) == (2, 1)
