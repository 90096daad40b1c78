"""Fit a law to the training runs of a CSV file (columns N, D, loss)."""

from __future__ import annotations

import argparse
import time

from lm.errors import LMError
from lm.scaling.bootstrap import Bootstrap, bootstrap
from lm.scaling.fit import Fit, fit
from lm.scaling.law import NAMES
from lm.scaling.objective import DELTA
from lm.scaling.table import read_runs

NAME = "fit"
METHODS = ("loss", "isoflop", "envelope")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", metavar="CSV", help="one row a run: N parameters, D tokens, loss in nats a token")
    parser.add_argument(
        "--method",
        choices=METHODS,
        default="loss",
        help="the law itself, parabolas at fixed compute, or the lowest of the curves (default: %(default)s)",
    )
    parser.add_argument("--bootstrap", type=int, default=200, metavar="SAMPLES",
                        help="resamples for the errors, 0 for none (default: %(default)s)")  # fmt: skip
    parser.add_argument("--seed", type=int, default=0, help="of the resamples (default: %(default)s)")
    parser.add_argument("--delta", type=float, default=DELTA, help="of the Huber loss (default: %(default)s)")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    if options.seed < 0:
        raise LMError(f"--seed must be 0 or more, got {options.seed}")
    if not 0 < options.delta < float("inf"):
        raise LMError(f"--delta must be above 0, got {options.delta}")
    runs = read_runs(options.csv)
    if options.method != "loss":
        return line(options)
    fitted = fit(runs, options.delta)
    began = time.perf_counter()
    errors = None
    if options.bootstrap:
        errors = bootstrap(runs, fitted, options.bootstrap, options.seed, options.delta)
    return result(fitted, errors, time.perf_counter() - began), text(options.csv, fitted, errors)


def line(options: argparse.Namespace) -> tuple[dict, str]:
    """The exponent of N_opt(C) by one of the other two methods."""
    from lm.scaling.envelope import fit_envelope
    from lm.scaling.isoflop import fit_isoflop

    runs = read_runs(options.csv)
    found = (fit_isoflop if options.method == "isoflop" else fit_envelope)(runs)
    facts = {
        "method": options.method,
        "exponent": found.exponent,
        "factor": found.factor,
        "rows": len(runs),
        "optima": [{"C": c, "N": n} for c, n in zip(found.compute.tolist(), found.parameters.tolist(), strict=True)],
    }
    said = f"N_opt = {found.factor:.4g} C^{found.exponent:.4f}  ({options.method}, {len(found.compute)} optima)"
    return facts, f"{options.csv}: {len(runs)} rows\n{said}"


def result(fitted: Fit, errors: Bootstrap | None, seconds: float) -> dict:
    """The JSON of a fit."""
    facts: dict = {
        "law": fitted.law.to_dict(),
        "errors": errors.errors if errors else None,
        "objective": fitted.objective,
        "rows": fitted.rows,
        "seconds": fitted.seconds,
        "parameter_exponent": fitted.law.parameter_exponent,
    }
    if errors:
        facts["intervals"] = errors.intervals
        facts["parameter_exponent_error"] = float(errors.parameter_exponent.std(ddof=1))
        facts["bootstrap"] = {"samples": len(errors.constants), "seconds": seconds}
    return facts


def text(path: str, fitted: Fit, errors: Bootstrap | None) -> str:
    """The fit for a terminal."""
    lines = [f"{path}: {fitted.rows} rows, fitted in {fitted.seconds:.2f} s"]
    lines += ["L(N, D) = E + A / N^alpha + B / D^beta", ""]
    for name in NAMES:
        said = f"{name:6}{getattr(fitted.law, name):12.6g}"
        if errors:
            low, high = errors.intervals[name]
            said += f"  +- {errors.errors[name]:<10.3g}95 %: {low:.4g} to {high:.4g}"
        lines.append(said)
    lines += ["", f"sum of Huber losses {fitted.objective:.6g}"]
    exponent = f"N_opt ~ C^{fitted.law.parameter_exponent:.3f}"
    if errors:
        exponent += f" +- {errors.parameter_exponent.std(ddof=1):.3f}  ({len(errors.constants)} resamples)"
    return "\n".join([*lines, exponent])
