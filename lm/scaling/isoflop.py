"""Approach 2 of Hoffmann et al. 2022 (section 3.2): a parabola in log N through the runs of each compute budget.

The lowest points of the parabolas give N_opt(C), and a line through log N_opt against log C its exponent a.  A law's
curve at fixed C is no parabola: with alpha and beta apart it is steeper on one side, and the fitted lowest point moves
to the other, the more the wider N was varied.  `bias` shows by how much, on points without noise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lm.errors import LMError
from lm.scaling.law import Floats, Law
from lm.scaling.table import Runs

SAME = 0.01  # runs whose compute differs by up to this part belong to one budget


@dataclass(frozen=True)
class Parabola:
    """One budget (FLOP) and its `runs`: loss = curvature (log N - log N_opt)^2 + loss_opt."""

    compute: float
    parameters: float  # N_opt
    loss: float  # at N_opt
    curvature: float
    runs: Runs


@dataclass(frozen=True)
class Line:
    """N_opt = factor C^exponent, through `compute` and `parameters` [budgets]."""

    exponent: float
    factor: float
    compute: Floats
    parameters: Floats


def budgets(runs: Runs) -> list[Runs]:
    """The runs in groups of the same 6 N D (within 1 % of the group's smallest), smallest first."""
    order = np.argsort(runs.compute, kind="stable")
    compute = runs.compute[order]
    groups: list[list[int]] = []
    for place, value in zip(order, compute, strict=True):
        if groups and value <= runs.compute[groups[-1][0]] * (1 + SAME):
            groups[-1].append(int(place))
        else:
            groups.append([int(place)])
    return [runs.take(np.array(group)) for group in groups]


def parabolas(runs: Runs) -> list[Parabola]:
    """One for each budget with three sizes or more whose parabola has its lowest point inside them."""
    found = []
    for group in budgets(runs):
        sizes = np.log(group.parameters)
        if len(np.unique(sizes)) < 3:
            continue
        middle = sizes.mean()
        curvature, slope, level = np.polyfit(sizes - middle, group.loss, 2)
        if curvature <= 0:
            continue
        lowest = middle - slope / (2 * curvature)
        if sizes.min() <= lowest <= sizes.max():
            loss = level - slope**2 / (4 * curvature)
            compute = float(np.exp(np.log(group.compute).mean()))
            found.append(Parabola(compute, float(np.exp(lowest)), float(loss), float(curvature), group))
    return found


def line_through(compute: Floats, parameters: Floats, source: str) -> Line:
    """Least squares of log N_opt on log C.  Raises LMError for fewer than two budgets."""
    if len(compute) < 2:
        raise LMError(
            f"{source} has {len(compute)} compute budgets with a lowest loss inside their sizes, and a line needs two: "
            "train at least three sizes at each of two or more budgets (6 N D equal within 1 %)"
        )
    exponent, constant = np.polyfit(np.log(compute), np.log(parameters), 1)
    return Line(float(exponent), float(np.exp(constant)), compute, parameters)


def fit_isoflop(runs: Runs) -> Line:
    """N_opt(C) from the parabolas.

    Raises LMError when fewer than two budgets have one, or when most runs belong to no budget: among many scattered
    runs a few have the same compute by coincidence.
    """
    found = parabolas(runs)
    grouped = sum(len(group) for group in budgets(runs) if len(np.unique(group.parameters)) >= 3)
    if found and 2 * grouped < len(runs):
        raise LMError(
            f"only {grouped} of the {len(runs)} rows of {runs.source} share their compute (6 N D within 1 %) with two "
            "other sizes, which may be coincidence: parabolas need runs at common budgets, or fit the law itself"
        )
    return line_through(np.array([p.compute for p in found]), np.array([p.parameters for p in found]), runs.source)


@dataclass(frozen=True)
class Bias:
    """What parabolas make of a law's own points: sizes from N_opt / width to N_opt width at each budget."""

    width: float
    exponent: float
    true_exponent: float
    parameters_ratio: float  # N_opt of the line over the true one, at `compute`
    compute: float


def bias(law: Law, widths: list[float], compute: tuple[float, float] = (6e18, 3e21), at: float = 5.88e23) -> list[Bias]:
    """Approach 2 on noiseless points of a law: nine budgets from `compute` (FLOP), fifteen sizes at each.

    The sizes span a factor `width` to both sides of a centre that grows as sqrt(C) and meets N_opt at the middle
    budget: what an experimenter does who does not know the exponent yet.  `parameters_ratio` extrapolates to `at`.
    Raises LMError for a width of 1 or less.
    """
    costs = np.geomspace(*compute, 9)
    middle = law.optimum(float(np.sqrt(compute[0] * compute[1])))
    found = []
    for width in widths:
        if not width > 1:
            raise LMError(f"the width is a factor above 1 about N_opt, got {width}")
        groups = []
        for cost in costs:
            centre = middle.parameters * (cost / middle.compute) ** 0.5
            sizes = np.geomspace(centre / width, centre * width, 15)
            groups.append((sizes, cost / 6 / sizes))
        n, d = (np.concatenate(x) for x in zip(*groups, strict=True))
        line = fit_isoflop(Runs(n, d, law.loss(n, d), "the law's points"))
        ratio = line.factor * at**line.exponent / law.optimum(at).parameters
        found.append(Bias(width, line.exponent, law.parameter_exponent, ratio, at))
    return found
