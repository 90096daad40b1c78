"""The fit against a law that is known, and against another minimiser with many starts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime, minimize
from scipy.special import huber as scipy_huber

from lm.errors import LMError
from lm.scaling.bootstrap import bootstrap
from lm.scaling.fit import fit
from lm.scaling.law import NAMES, Law
from lm.scaling.objective import DELTA, Objective
from lm.scaling.table import Runs

from .conftest import TRUE, synthetic


def plain_objective(theta, runs):
    """The sum of Huber losses, straight from the formula: theta = log A, log B, log E, alpha, beta."""
    a, b, e, alpha, beta = theta
    terms = [a - alpha * np.log(runs.parameters), b - beta * np.log(runs.tokens), np.full(len(runs), e)]
    return scipy_huber(DELTA, np.logaddexp.reduce(terms) - np.log(runs.loss)).sum()


def many_starts(runs, starts, seed):
    """L-BFGS from random starts in the logarithms, as Hoffmann et al. do it; the lowest objective."""
    draw = np.random.default_rng(seed)
    lowest = np.inf
    for _ in range(starts):
        theta = [draw.uniform(0, 25), draw.uniform(0, 25), draw.uniform(-1, 1), *draw.uniform(0, 1.2, 2)]
        options = {"maxfun": 20000, "ftol": 1e-15}
        scaled = minimize(lambda t: plain_objective(t, runs) / DELTA, theta, method="L-BFGS-B", options=options)
        lowest = min(lowest, scaled.fun * DELTA)
    return lowest


@pytest.mark.parametrize("law", [TRUE, Law(1.69, 406.4, 410.7, 0.34, 0.28), Law(0.5, 20, 30, 0.12, 0.15)])
def test_runs_without_noise_give_the_law_back(law):
    found = fit(synthetic(0, 60, noise=0, law=law))
    assert found.objective < 1e-12
    for name in NAMES:
        assert getattr(found.law, name) == pytest.approx(getattr(law, name), rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_no_start_of_another_minimiser_ends_lower(seed):
    runs = synthetic(seed, rows=(30, 100, 240)[seed % 3], noise=(0.003, 0.01)[seed % 2])
    found = fit(runs)
    assert found.objective == pytest.approx(plain_objective(
        [np.log(found.law.A), np.log(found.law.B), np.log(found.law.E), found.law.alpha, found.law.beta], runs
    ))  # fmt: skip
    assert found.objective <= many_starts(runs, 12, seed) * (1 + 1e-9)


def test_the_minimum_is_one():
    """Nelder-Mead, which uses no gradient, finds nothing lower around the end, and stays at the same constants."""
    runs = synthetic(11)
    found = fit(runs)
    objective = Objective.of(runs)
    theta = objective.theta(found.law)
    result = minimize(
        lambda t: objective.scaled(t)[0], theta, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-15}
    )
    assert result.fun >= objective.scaled(theta)[0] - 1e-10
    assert pytest.approx(found.law.E, abs=1e-6) == objective.law(result.x).E


@pytest.mark.parametrize("unit", [1e-300, 1e-3, 1e6])
def test_the_unit_of_the_loss_does_not_matter(unit):
    runs = synthetic(7, 40)
    usual, scaled = fit(runs), fit(Runs(runs.parameters, runs.tokens, runs.loss * unit))
    assert scaled.objective == pytest.approx(usual.objective)
    assert pytest.approx(usual.law.E * unit, rel=1e-5) == scaled.law.E
    assert scaled.law.alpha == pytest.approx(usual.law.alpha, rel=1e-5)


def test_long_tables():
    """Starts come from some of the rows, the end from all."""
    runs = synthetic(8, 20_000)
    found = fit(runs)
    objective = Objective.of(runs)
    assert np.abs(objective.scaled(objective.theta(found.law))[1]).max() < 1e-6
    assert pytest.approx(TRUE.E, abs=0.01) == found.law.E


def test_a_few_wild_runs_hardly_move_it():
    runs = synthetic(5, noise=0.001)
    wild = runs.loss.copy()
    wild[::40] *= 1.5
    spoilt = fit(type(runs)(runs.parameters, runs.tokens, wild))
    assert pytest.approx(fit(runs).law.E, abs=0.02) == spoilt.law.E


def test_the_gradient_is_the_objectives():
    objective = Objective.of(synthetic(2, 40))
    theta = objective.theta(TRUE) + 0.05
    numeric = approx_fprime(theta, lambda t: objective.scaled(t)[0], 1e-7)
    assert objective.scaled(theta)[1] == pytest.approx(numeric, rel=1e-4, abs=1e-4)
    jacobian = np.array([approx_fprime(theta, lambda t, i=i: objective.residuals(t)[i], 1e-7) for i in range(40)])
    assert objective.jacobian(theta) == pytest.approx(jacobian, rel=1e-4, abs=1e-5)


def test_bootstrap_errors_are_those_of_repeated_experiments():
    """The spread over resamples of one table against the spread over tables drawn afresh."""
    tables = [fit(synthetic(seed, 120)).law for seed in range(40)]
    afresh = {name: np.std([getattr(law, name) for law in tables]) for name in NAMES}
    runs = synthetic(3, 120)
    errors = bootstrap(runs, fit(runs), 60).errors
    for name in ("E", "alpha", "beta"):
        assert 0.4 < errors[name] / afresh[name] < 2.5


def test_bootstrap_is_seeded():
    runs = synthetic(4, 60)
    found = fit(runs)
    one, same, other = (bootstrap(runs, found, 5, seed) for seed in (1, 1, 2))
    assert np.array_equal(one.constants, same.constants)
    assert not np.array_equal(one.constants, other.constants)
    low, high = one.intervals["E"]
    assert low < one.constants[:, 0].mean() < high
    with pytest.raises(LMError, match="at least 2 resamples, got 1"):
        bootstrap(runs, found, 1)


@pytest.mark.parametrize("seed", range(3))
def test_resamples_reach_their_own_minimum(seed):
    """A resample's fit, which starts where the whole table's does, is as low as one that starts afresh."""
    runs = synthetic(seed, 80)
    found = fit(runs)
    rows = np.random.default_rng(seed).integers(len(runs), size=len(runs))
    sample = runs.take(rows)
    objective = Objective.of(sample)
    quick = bootstrap(runs, found, 2, seed).constants[0]
    assert objective.value(objective.theta(Law(*quick))) <= fit(sample).objective * (1 + 1e-9)
