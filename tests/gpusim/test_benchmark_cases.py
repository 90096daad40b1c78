"""The launches that are timed compute what they should, read what their formulas say, and compile for a GPU."""

from __future__ import annotations

import numpy as np
import pytest
from cases import CASES
from numba import typeof

import gpusim


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_result_loads_and_findings(case):
    arguments = case.arguments()
    run = gpusim.simulate(case.kernel)[case.grid, case.block](*arguments)
    expected = case.expected(*arguments)
    np.testing.assert_allclose(arguments[0], expected, rtol=1e-3)
    assert sum(run.counts[space]["loads"] for space in ("global", "shared", "local")) == case.loads
    assert run.findings == []
    compiled = case.arguments()
    case.loops(*compiled)
    np.testing.assert_allclose(compiled[0], expected, rtol=1e-3)


@pytest.mark.numba_cuda("compiling for a GPU")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_is_gpu_code(case):
    signature = tuple(typeof(argument) for argument in case.arguments())
    assert gpusim.compile(case.kernel, signature, cc="9.0").registers > 0
