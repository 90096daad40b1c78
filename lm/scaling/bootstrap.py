"""How sure a fitted law is: fits of tables drawn, with replacement, from the runs (Efron 1979).

Each resample starts BFGS where the grid of the whole table is lowest and where its optimum is: a resample moves the
minimum, and seldom to another valley.  A constant whose resamples scatter over decades (A and B do, together with their
exponents) is best read from its interval.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lm.errors import LMError
from lm.scaling.fit import Fit, minimise, projected_starts
from lm.scaling.law import NAMES, Floats
from lm.scaling.objective import DELTA, Objective
from lm.scaling.table import Runs

STARTS = 2  # of the grid


@dataclass(frozen=True)
class Bootstrap:
    """The constants of every resample that gives a law: float64 [samples, 5], columns E, A, B, alpha, beta.

    drawn: int64 [samples], the number of each resample; the same number is the same rows in another table of as many.
    """

    constants: Floats
    drawn: np.ndarray

    @property
    def errors(self) -> dict[str, float]:
        """The standard deviation of each constant over the resamples."""
        return dict(zip(NAMES, self.constants.std(axis=0, ddof=1).tolist(), strict=True))

    @property
    def intervals(self) -> dict[str, tuple[float, float]]:
        """The middle 95 % of each constant."""
        low, high = np.percentile(self.constants, [2.5, 97.5], axis=0).tolist()
        return {name: (low[i], high[i]) for i, name in enumerate(NAMES)}

    @property
    def parameter_exponent(self) -> Floats:
        """a of N_opt ~ C^a in every resample, [samples]."""
        alpha, beta = self.constants[:, 3], self.constants[:, 4]
        return beta / (alpha + beta)


def bootstrap(
    runs: Runs,
    fit: Fit,
    samples: int,
    seed: int = 0,
    delta: float = DELTA,
    progress: Callable[[], None] = lambda: None,
) -> Bootstrap:
    """Fit `samples` tables of as many rows, drawn from the runs; the same seed draws the same tables.

    Raises LMError for fewer than two samples, or when hardly any resample determines a law.
    """
    if samples < 2:
        raise LMError(f"errors need at least 2 resamples, got {samples}: give a larger --bootstrap, or 0 for none")
    generator = np.random.default_rng(seed)
    whole = Objective.of(runs, delta)
    starts = [whole.law(theta) for theta in projected_starts(whole)[:STARTS]] + [fit.law]
    found, drawn = [], []
    for number in range(samples):
        rows = generator.integers(len(runs), size=len(runs))
        progress()
        sample = runs.take(rows)
        if np.ptp(sample.parameters) == 0 or np.ptp(sample.tokens) == 0:
            continue
        objective = Objective.of(sample, delta)
        theta = minimise(objective, [objective.theta(law) for law in starts], rounds=2)
        found.append(objective.constants(theta))
        drawn.append(number)
    constants = np.array(found).reshape(-1, len(NAMES))
    laws = np.isfinite(constants).all(axis=1) & (constants[:, 3:] > 0).all(axis=1)
    constants = constants[laws]
    if len(constants) < max(2, samples // 2):
        raise LMError(
            f"the fit is not determined: of {samples} resamples of {runs.source} only {len(constants)} give a law"
        )
    return Bootstrap(constants, np.array(drawn, np.int64)[laws])
