"""Fitting the law to a table of runs: starts by variable projection, then BFGS.

Given alpha and beta the law is linear in E, A and B.  So each point of a grid of exponents gets its best E, A and B by
weighted least squares on relative errors, reweighted a few times towards the absolute errors that the Huber loss
counts (Golub & Pereyra 1973 for the projection; Daubechies et al. 2010 for the weights).  The grid's local minima
start BFGS on the rescaled objective, and the lowest end wins.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from lm.scaling.determined import require_design, require_law
from lm.scaling.law import Floats, Law
from lm.scaling.objective import DELTA, Objective, huber
from lm.scaling.table import Runs

EXPONENTS = np.geomspace(0.03, 2.5, 28)
ROWS = 1000  # that the grid is evaluated on; of longer tables as many, drawn at random
STARTS = 6  # local minima of the grid that BFGS goes down from
REWEIGHTINGS = 4
ROUNDS = 16  # restarts of BFGS from where it stopped, until it stays there


@dataclass(frozen=True)
class Fit:
    """A fitted law, S at it (the sum of Huber losses on log loss), and how long it took."""

    law: Law
    objective: float
    rows: int
    seconds: float


def fit(runs: Runs, delta: float = DELTA) -> Fit:
    """The law with the lowest sum of Huber losses.

    Raises LMError where the runs do not determine one (see `lm.scaling.determined`).
    """
    began = time.perf_counter()
    require_design(runs)
    objective = Objective.of(runs, delta)
    theta = minimise(objective, projected_starts(objective))
    require_law(objective, theta, runs.source)
    return Fit(objective.law(theta), objective.value(theta), len(runs), time.perf_counter() - began)


def projected_starts(objective: Objective) -> list[Floats]:
    """The best few local minima of the objective on the grid of exponents, as thetas, best first."""
    alphas, betas = (x.ravel() for x in np.meshgrid(EXPONENTS, EXPONENTS, indexing="ij"))  # [points]
    if len(objective.n) > ROWS:
        objective = objective.take(np.random.default_rng(0).choice(len(objective.n), ROWS, replace=False))
    typical = objective.log_loss.mean()
    loss = np.exp(objective.log_loss - typical)  # in any unit: about 1
    # Columns of the linear problem over the loss: the residual is the relative error, close to that of the logs.
    columns = np.stack(
        [
            np.exp(-np.outer(alphas, objective.n)) / loss,
            np.exp(-np.outer(betas, objective.d)) / loss,
            np.broadcast_to(1 / loss, (len(alphas), len(loss))),
        ]
    )  # [3, points, rows]
    weights = np.ones_like(columns[0])
    for _ in range(REWEIGHTINGS):
        weighted = columns * weights
        normal = np.einsum("ipr,jpr->pij", weighted, columns)
        normal += 1e-12 * np.trace(normal, axis1=1, axis2=2)[:, None, None] * np.eye(3)
        linear = np.linalg.solve(normal, weighted.sum(axis=2).T[..., None])[..., 0]  # [points, 3]
        linear = np.maximum(linear, 1e-4 * loss.min())  # a term cannot help by being negative
        residual = np.einsum("pi,ipr->pr", linear, columns) - 1
        weights = 1 / np.maximum(np.abs(residual), objective.delta)
    value = huber(np.log1p(residual), objective.delta).sum(axis=1)
    best = _local_minima(value.reshape(len(EXPONENTS), -1))[:STARTS]
    a, b, e = np.log(linear[best]).T + typical
    return list(np.stack([a, b, e, alphas[best], betas[best]], axis=1))


def _local_minima(value: Floats) -> np.ndarray:
    """Flat indices of the cells of a 2-D array that no neighbour is below, by value."""
    padded = np.pad(value, 1, constant_values=np.inf)
    rows, columns = value.shape
    shifts = [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]
    lowest = np.min([padded[i : i + rows, j : j + columns] for i, j in shifts], axis=0)
    found = np.flatnonzero((value <= lowest).ravel())
    return found[np.argsort(value.ravel()[found], kind="stable")]


def minimise(objective: Objective, starts: list[Floats], rounds: int = ROUNDS) -> Floats:
    """BFGS from every start, restarted up to `rounds` times; the theta with the lowest objective."""
    ends = [_descend(objective, start, rounds) for start in starts]
    return min(ends, key=lambda end: end[0])[1]


def _descend(objective: Objective, theta: Floats, rounds: int) -> tuple[float, Floats]:
    """BFGS, started again where its line search gave up, as long as that gains anything."""
    from scipy.optimize import minimize

    value = objective.scaled(theta)[0]
    for _ in range(rounds):
        result = minimize(objective.scaled, theta, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 250})
        before, (value, theta) = value, (float(result.fun), result.x)
        if not before - value > 1e-12 * abs(value):
            break
    return value, theta
