"""Train a grid of tiny models on the language of known entropy, and read the law off them."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from lm.commands.scaling import measured
from lm.scaling.sweep import plan, records, runner

NAME = "sweep"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="FOLDER", default="out/sweep",
                        help="a record a trial; what is there is not trained again (default: %(default)s)")  # fmt: skip
    parser.add_argument("--processes", type=int, default=2, help="default: %(default)s")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster that trains instead of this machine")
    parser.add_argument("--widths", type=int, nargs="+", default=list(plan.WIDTHS), help="default: 4 to 32")
    parser.add_argument("--steps", type=int, nargs="+", default=list(plan.STEPS),
                        help=f"of {plan.TOKENS} tokens (default: 512 to 8192)")  # fmt: skip
    parser.add_argument(
        "--rates",
        type=float,
        nargs="+",
        default=list(plan.RATES),
        help=f"factors of {plan.RATE} / sqrt(width), of which the best counts (default: 1 0.6)",
    )
    parser.add_argument("--seeds", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--bootstrap", type=int, default=60, metavar="SAMPLES", help="default: %(default)s")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    trials = plan.grid(tuple(options.widths), tuple(options.steps), tuple(options.rates), options.seeds)
    folder = Path(options.out)
    left = records.missing(trials, folder)
    began = time.perf_counter()
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("steps"), TimeRemainingColumn())
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as bar:
        # The bar counts steps, which tell how long it takes better than trials do.
        task = bar.add_task("", total=sum(t.steps for t in left))

        def advance(trial: plan.Trial) -> None:
            bar.update(task, advance=trial.steps)

        trained = runner.run(trials, folder, options.processes, options.scheduler, advance)
    rows = records.load(trials, folder)
    table = folder / "runs.csv"
    records.write_table(rows, table)
    result, text = measured.report(rows, options.bootstrap, str(table))
    seconds = records.cpu_seconds(trials, folder)
    sweep = {"trained": trained, "trials": len(trials), "seconds": time.perf_counter() - began,
             "cpu_seconds": seconds, "table": str(table)}  # fmt: skip
    said = f"{trained} of {len(trials)} trials trained, {table} written; all trials took {seconds:.0f} s of CPU time"
    return {"sweep": sweep, **result}, f"{said}\n\n{text}"
