"""Envelope and parabolas on points of a known law."""

from __future__ import annotations

import numpy as np
import pytest

from lm.errors import LMError
from lm.scaling.envelope import envelope, fit_envelope
from lm.scaling.isoflop import bias, budgets, fit_isoflop, parabolas
from lm.scaling.law import Law
from lm.scaling.table import Runs

from .conftest import TRUE, synthetic

EVEN = Law(1.8, 400, 1200, 0.35, 0.35)


def isoflop(law: Law, width: float) -> Runs:
    """Nine sizes about each of five budgets' optima."""
    found = []
    for compute in np.geomspace(1e18, 1e22, 5):
        sizes = law.optimum(compute).parameters * np.geomspace(1 / width, width, 9)
        found.append((sizes, compute / 6 / sizes))
    n, d = (np.concatenate(x) for x in zip(*found, strict=True))
    return Runs(n, d, law.loss(n, d))


def test_budgets_are_found():
    groups = budgets(isoflop(TRUE, 3))
    assert [len(group) for group in groups] == [9] * 5
    assert [group.compute[0] for group in groups] == pytest.approx(np.geomspace(1e18, 1e22, 5))


def test_parabolas_of_close_sizes_find_the_optimum():
    line = fit_isoflop(isoflop(TRUE, 1.5))
    assert line.exponent == pytest.approx(TRUE.parameter_exponent, abs=1e-4)
    assert line.parameters == pytest.approx([TRUE.optimum(c).parameters for c in line.compute], rel=2e-3)
    first = parabolas(isoflop(TRUE, 1.5))[0]
    assert first.loss == pytest.approx(TRUE.optimum(1e18).loss, rel=1e-5)


def test_parabolas_are_biased_where_the_exponents_differ():
    uneven = Law(1.7, 400, 400, 0.5, 0.2)
    found = bias(uneven, [1.2, 10, 100])
    errors = [abs(b.exponent - b.true_exponent) for b in found]
    shifts = [abs(np.log(b.parameters_ratio)) for b in found]
    assert errors[0] < 1e-3 < errors[2]
    assert errors[0] < errors[1] < errors[2]
    assert shifts[0] < shifts[1] < shifts[2]
    even = bias(EVEN, [100])[0]
    assert even.exponent == pytest.approx(0.5, abs=1e-6)
    assert even.parameters_ratio == pytest.approx(1, abs=1e-6)
    with pytest.raises(LMError, match="above 1"):
        bias(EVEN, [1.0])


def test_the_envelope_of_many_curves():
    sizes = np.geomspace(1e7, 1e10, 40)
    n, d = (x.ravel() for x in np.meshgrid(sizes, np.geomspace(1e8, 1e12, 40)))
    runs = Runs(n, d, EVEN.loss(n, d))
    assert fit_envelope(runs).exponent == pytest.approx(0.5, abs=0.02)
    lowest = envelope(runs)
    optimal = np.array([EVEN.optimum(c).loss for c in lowest.compute])
    assert (lowest.loss >= optimal - 1e-3).all()
    middle = (lowest.compute > 1e18) & (lowest.compute < 1e21)
    assert lowest.loss[middle] == pytest.approx(optimal[middle], rel=1e-3)


def test_the_envelope_never_rises():
    """A small size that stops early leaves a gap until a larger one is as good."""
    n = np.repeat([1e7, 1e8], 4)
    d = np.concatenate([np.geomspace(1e8, 1e10, 4), np.geomspace(1e8, 1e11, 4)])
    lowest = envelope(Runs(n, d, EVEN.loss(n, d)))
    assert (np.diff(lowest.loss) < 0).all()
    assert set(lowest.parameters) == {1e7, 1e8}


def test_tables_without_curves_or_budgets():
    apart = Runs(np.array([1e7, 1e7, 1e9, 1e9]), np.array([1e8, 2e8, 1e10, 2e10]), np.array([4.0, 3.9, 3.0, 2.9]))
    with pytest.raises(LMError, match="share a compute"):
        envelope(apart)
    with pytest.raises(LMError, match="has 1 sizes with two or more values of D"):
        envelope(apart.take(np.array([0, 1])))
    with pytest.raises(LMError, match="has 0 compute budgets"):
        fit_isoflop(apart)
    with pytest.raises(LMError, match=r"of the 240 rows of the runs share their compute .* coincidence"):
        fit_isoflop(synthetic(0, 240))
