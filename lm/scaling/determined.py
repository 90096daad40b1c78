"""When a table of runs determines a law: before the fit from its design, after it from its curvature."""

from __future__ import annotations

import numpy as np

from lm.errors import LMError
from lm.scaling.law import NAMES, Floats
from lm.scaling.objective import Objective
from lm.scaling.table import Runs

SPREAD = 0.02
"""Smallest spread of log D about its line against log N, as a part of its whole spread, and the other way round."""
FLAT = 1e-7
"""Smallest singular value of the Jacobian (columns of unit length) that is not taken for zero."""


def undetermined(reason: str) -> LMError:
    """The error for runs that determine no law."""
    return LMError(f"the fit is not determined: {reason}")


def require_design(runs: Runs) -> None:
    """Raises LMError unless there are more rows than constants, three different N and D, and N and D vary apart."""
    if len(runs) <= len(NAMES):
        raise undetermined(
            f"{runs.source} has {len(runs)} row{'s'[: len(runs) != 1]} for the law's five constants: "
            "give at least six runs"
        )
    for name, values in (("N", runs.parameters), ("D", runs.tokens)):
        different = len(np.unique(values))
        if different == 1:
            raise undetermined(f"all rows of {runs.source} have the same {name}, {values[0]:g}: vary it")
        if different == 2:
            raise undetermined(
                f"{runs.source} has two different {name}, and a constant, a factor and an exponent need three"
            )
    n, d = (np.log(x) - np.log(x).mean() for x in (runs.parameters, runs.tokens))
    correlation = float(n @ d / np.sqrt((n @ n) * (d @ d)))
    if 1 - correlation**2 < SPREAD**2:
        raise undetermined(
            f"in {runs.source} D follows from N (correlation of their logarithms {correlation:.4f}), so their terms "
            "cannot be told apart: train some sizes on more and on fewer tokens"
        )


def require_law(objective: Objective, theta: Floats, source: str) -> None:
    """Raises LMError where the minimum is flat, at the edge of what a law can be, or lost in the noise."""
    _, shares = objective.terms(theta)
    for name, share in zip(("A / N^alpha", "B / D^beta", "E"), shares, strict=True):
        if not share.max() > 1e-4:
            raise undetermined(f"the best law for {source} has no term {name} (under 0.01 % of every loss)")
    for name, value in zip(("alpha", "beta"), theta[3:], strict=True):
        if not 1e-3 < value < 20:
            raise undetermined(f"the best law for {source} has {name} = {value:.3g}, which is no power law")
    jacobian = objective.jacobian(theta)
    lengths = np.sqrt((jacobian**2).sum(axis=0))
    _, singular, directions = np.linalg.svd(jacobian / lengths, full_matrices=False)
    if singular[-1] < FLAT * singular[0]:
        raise undetermined(f"the runs of {source} leave a direction of the constants free: vary N and D more")
    # Standard errors of least squares, from the spread of the middle of the residuals (1.4826: of a normal's).
    scale = 1.4826 * float(np.median(np.abs(objective.residuals(theta))))
    errors = scale * np.sqrt(((directions / singular[:, None]) ** 2).sum(axis=0)) / lengths
    for name, value, error in zip(("alpha", "beta"), theta[3:], errors[3:], strict=True):
        if error > value:
            raise undetermined(
                f"{source} gives {name} = {value:.3g} with an error of {error:.2g}: "
                "give more runs, less noisy ones, or a wider range"
            )
