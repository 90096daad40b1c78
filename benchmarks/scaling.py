"""Fitting a scaling law: variable projection and BFGS (`lm.scaling.fit`) against many random starts.

    python benchmarks/scaling.py [--starts 150] [--tables 5]

Each table has 240 synthetic runs in the range of Hoffmann et al. 2022 with heavy-tailed noise of 1 % on the loss.  The
other side is what the papers do: L-BFGS from random starts on the objective as it is written, as a sum and as a mean of
Huber losses, with scipy's own rule for stopping.  "Arrived" are starts that end within one part in a million of the
lowest objective that anybody found.  Writes results/scaling.json.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from scipy.special import huber

from lm.scaling.bootstrap import bootstrap
from lm.scaling.fit import fit
from lm.scaling.law import Law
from lm.scaling.objective import DELTA
from lm.scaling.table import Runs

TRUE = Law(1.8172, 482.01, 2085.43, 0.3478, 0.3658)
RESULTS = Path(__file__).parent / "results" / "scaling.json"


def table(seed: int, rows: int = 240) -> Runs:
    draw = np.random.default_rng(seed)
    compute, parameters = 10 ** draw.uniform(18.8, 21.5, rows), 10 ** draw.uniform(7.7, 10.2, rows)
    tokens = compute / 6 / parameters
    return Runs(parameters, tokens, TRUE.loss(parameters, tokens) * np.exp(0.01 * draw.standard_t(3, rows)))


def random_starts(runs: Runs, starts: int, scale: float, seed: int) -> list[float]:
    """The sum of Huber losses at the end of each start; the minimiser sees it times `scale`."""
    log_n, log_d, log_loss = np.log(runs.parameters), np.log(runs.tokens), np.log(runs.loss)

    def objective(theta: np.ndarray) -> float:
        a, b, e, alpha, beta = theta
        terms = np.stack([a - alpha * log_n, b - beta * log_d, np.full(len(log_n), e)])
        return scale * float(huber(DELTA, np.logaddexp.reduce(terms) - log_loss).sum())

    draw = np.random.default_rng(seed)
    low, high = [0, 0, -1, 0, 0], [25, 25, 1, 2, 2]  # the span of Hoffmann's grid of starts
    thetas = draw.uniform(low, high, (starts, 5))
    return [minimize(objective, theta, method="L-BFGS-B").fun / scale for theta in thetas]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--starts", type=int, default=150)
    parser.add_argument("--tables", type=int, default=5)
    options = parser.parse_args()
    fit(table(0))  # imports scipy.optimize
    rows = []
    for seed in range(options.tables):
        runs = table(seed)
        found = fit(runs)
        began = time.perf_counter()
        bootstrap(runs, found, 200)
        row: dict = {"seed": seed, "seconds": found.seconds, "bootstrap_200_seconds": time.perf_counter() - began,
                     "objective": found.objective}  # fmt: skip
        ends = {}
        for name, scale in (("sum", 1.0), ("mean", 1 / len(runs))):
            began = time.perf_counter()
            ends[name] = random_starts(runs, options.starts, scale, seed)
            row[f"{name}_seconds"] = time.perf_counter() - began
        lowest = min(found.objective, *ends["sum"], *ends["mean"])
        for name, values in ends.items():
            row[f"{name}_best_over_ours"] = min(values) / found.objective
            row[f"{name}_arrived"] = float(np.mean(np.array(values) <= lowest * (1 + 1e-6)))
        row["ours_arrived"] = found.objective <= lowest * (1 + 1e-6)
        rows.append(row)
        print(json.dumps(row, indent=1), flush=True)
    RESULTS.write_text(json.dumps({"starts": options.starts, "tables": rows}, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
