"""What a sweep shows: the law, its E against the true entropy, and what counting and schedules do to the exponent.

Four readings of the same sizes: N with the embeddings or without, the warm-up and the end of the learning rate fitted
to each length or one long warm-up for all (`plan`).  Kaplan et al. 2020 counted without embeddings and had one warm-up;
Hoffmann et al. 2022 counted them and fitted the schedule.  C = 6 N D with the N of the reading.

Readings have the same rows in the same order, and so do the resamples of their bootstraps: differences of exponents are
taken resample by resample, and are surer than the exponents.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lm.errors import LMError
from lm.scaling.bootstrap import Bootstrap, bootstrap
from lm.scaling.embeddings import Embeddings, seen_exponent
from lm.scaling.envelope import fit_envelope
from lm.scaling.fit import Fit, fit
from lm.scaling.law import Floats, Law
from lm.scaling.table import Runs

COUNTS = {"N": "all parameters", "N_without_embeddings": "without embeddings"}
SCHEDULES = {"own": "for each length", "shared": "one long warm-up"}
SHIPPED = Path(__file__).parents[1] / "results" / "runs.csv"
"""The table of the sweep in this package; `results/README.md` has its command."""
KAPLAN, HOFFMANN = 0.73, 0.50  # exponents of N_opt: arXiv:2001.08361, table 6; arXiv:2203.15556, table 2


@dataclass(frozen=True)
class Reading:
    """One way to read a sweep.  `fit` is None where the runs determine no law, and `reason` says why."""

    counted: str
    schedule: str
    runs: Runs
    fit: Fit | None
    errors: Bootstrap | None
    envelope_exponent: float | None
    reason: str = ""

    @property
    def exponent(self) -> float | None:
        """a of N_opt ~ C^a by the law."""
        return self.fit.law.parameter_exponent if self.fit else None

    @property
    def exponent_interval(self) -> tuple[float, float] | None:
        """The middle 95 % of a over the resamples."""
        return _middle(self.errors.parameter_exponent) if self.errors else None

    @property
    def exponent_error(self) -> float | None:
        return float(self.errors.parameter_exponent.std(ddof=1)) if self.errors else None

    def to_dict(self) -> dict:
        return {
            "counted": self.counted,
            "schedule": self.schedule,
            "rows": len(self.runs),
            "law": self.fit.law.to_dict() if self.fit else None,
            "errors": self.errors.errors if self.errors else None,
            "exponent": self.exponent,
            "exponent_error": self.exponent_error,
            "exponent_interval": self.exponent_interval,
            "envelope_exponent": self.envelope_exponent,
            "reason": self.reason,
        }


@dataclass(frozen=True)
class Rise:
    """How much higher the exponent of one reading is than that of another, and the middle 95 % over resamples."""

    counted: str
    schedule: str
    value: float
    interval: tuple[float, float]


def rises(found: list[Reading]) -> list[Rise]:
    """Of all readings that have a law over the first, in their order; none where the first has no law."""
    first, *others = found
    result = []
    for other in others:
        if first.fit and first.errors and other.fit and other.errors:
            _, mine, its = np.intersect1d(first.errors.drawn, other.errors.drawn, return_indices=True)
            apart = other.errors.parameter_exponent[its] - first.errors.parameter_exponent[mine]
            value = other.fit.law.parameter_exponent - first.fit.law.parameter_exponent
            result.append(Rise(other.counted, other.schedule, value, _middle(apart)))
    return result


def expected_exponent(rows: list[dict], law: Law) -> float:
    """The exponent without embeddings that a law in all parameters makes one expect at the sizes of these rows.

    By `lm.scaling.embeddings` at a fixed depth.  Raises LMError for rows of one size.
    """
    bare, total = (np.unique([row[name] for row in rows]) for name in ("N_without_embeddings", "N"))
    factor = float(np.exp(np.mean(np.log((total - bare) / np.sqrt(bare)))))
    return seen_exponent(law, Embeddings(factor, 0.5), (float(bare[0]), float(bare[-1])))


def _middle(values: Floats) -> tuple[float, float]:
    low, high = np.percentile(values, [2.5, 97.5]).tolist()
    return low, high


def best_runs(rows: list[dict], schedule: str, counted: str = "N", source: str = "the sweep") -> Runs:
    """One run for each N and D: the mean over seeds at the rate with the lowest mean.  Raises LMError for no rows."""
    losses: dict[tuple[float, float], dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row["schedule"] == schedule:
            losses[row[counted], row["D"]][row["rate"]].append(row["loss"])
    if not losses:
        raise LMError(f"{source} has no trials with the schedule {schedule}")
    best = [(n, d, min(float(np.mean(x)) for x in rates.values())) for (n, d), rates in sorted(losses.items())]
    n, d, loss = np.array(best).T
    return Runs(n, d, loss, source)


def reading(rows: list[dict], schedule: str, counted: str, samples: int, source: str = "the sweep") -> Reading:
    """Fit the law and the envelope to one reading, with errors from so many resamples."""
    runs = best_runs(rows, schedule, counted, source)
    try:
        exponent = fit_envelope(runs).exponent
    except LMError:
        exponent = None
    try:
        fitted = fit(runs)
        return Reading(counted, schedule, runs, fitted, bootstrap(runs, fitted, samples), exponent)
    except LMError as error:
        return Reading(counted, schedule, runs, None, None, exponent, str(error))


def readings(rows: list[dict], samples: int = 200, source: str = "the sweep") -> list[Reading]:
    """The four, the one of Hoffmann et al. first and the one of Kaplan et al. last.

    Raises LMError for fewer than two resamples.
    """
    if samples < 2:
        raise LMError(f"--bootstrap must be 2 resamples or more, got {samples}")
    schedules = [name for name in SCHEDULES if any(row["schedule"] == name for row in rows)]
    return [reading(rows, schedule, counted, samples, source) for counted in COUNTS for schedule in schedules]
