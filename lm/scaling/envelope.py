"""Approach 1 of Hoffmann et al. 2022 (section 3.1): the lowest of all training curves at each compute.

A curve is the runs of one N at rising D.  At every C of a grid each curve that spans it is interpolated (linearly in
the logarithms of C and loss), and the size of the lowest one is N_opt(C); a line through those gives the exponent.
Each point should be the end of a run with its own learning-rate schedule: a point on the way of a longer run has a
higher loss than such an end, which is one of the differences between Kaplan 2020 and Hoffmann 2022.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lm.errors import LMError
from lm.scaling.isoflop import Line, line_through
from lm.scaling.law import Floats
from lm.scaling.table import Runs

GRID = 200  # compute budgets, equally spaced in the logarithm


@dataclass(frozen=True)
class Envelope:
    """The lowest curve: compute [points] in FLOP, its loss and its N."""

    compute: Floats
    loss: Floats
    parameters: Floats


def curves(runs: Runs) -> list[Runs]:
    """The runs of each N, at rising D, where there are two or more; smallest N first."""
    found = []
    for size in np.unique(runs.parameters):
        rows = np.flatnonzero(runs.parameters == size)
        rows = rows[np.argsort(runs.tokens[rows], kind="stable")]
        if len(np.unique(runs.tokens[rows])) >= 2:
            found.append(runs.take(rows))
    return found


def loss_at(curve: Runs, compute: Floats) -> Floats:
    """The curve's loss at each compute (FLOP, rising), infinite outside it; like `compute`."""
    x, y = np.log(curve.compute), np.log(curve.loss)
    return np.exp(np.interp(np.log(compute), x, y, left=np.inf, right=np.inf))


def envelope(runs: Runs) -> Envelope:
    """The lowest of the curves where at least two of them compete.

    Raises LMError when fewer than two sizes have a curve, or no two share a compute.
    """
    lines = curves(runs)
    if len(lines) < 2:
        raise LMError(
            f"{runs.source} has {len(lines)} sizes with two or more values of D, and an envelope needs two curves: "
            "train each N for several D"
        )
    compute = np.geomspace(runs.compute.min(), runs.compute.max(), GRID)
    losses = np.array([loss_at(line, compute) for line in lines])  # [curves, GRID]
    lowest = losses.min(axis=0)
    # Where curves end the lowest may rise again; what less compute had reached already is no optimum.
    optimal = (np.isfinite(losses).sum(axis=0) >= 2) & (lowest <= np.minimum.accumulate(lowest))
    if not optimal.any():
        raise LMError(f"no two sizes of {runs.source} share a compute: their ranges of 6 N D must overlap")
    sizes = np.array([line.parameters[0] for line in lines])
    return Envelope(compute[optimal], lowest[optimal], sizes[losses[:, optimal].argmin(axis=0)])


def fit_envelope(runs: Runs) -> Line:
    """N_opt(C) from the envelope.

    The largest and the smallest size win at the ends for want of competitors, so their stretches are left out where
    others remain.  Raises LMError as `envelope` does.
    """
    lowest = envelope(runs)
    sizes = np.unique(lowest.parameters)
    inner = (lowest.parameters > sizes[0]) & (lowest.parameters < sizes[-1])
    if len(np.unique(lowest.parameters[inner])) < 2:
        inner = np.ones(len(inner), dtype=bool)
    return line_through(lowest.compute[inner], lowest.parameters[inner], runs.source)
