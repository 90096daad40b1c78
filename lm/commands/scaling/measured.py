"""The law that a sweep has measured, beside the true entropy; and what counting and schedules do to it."""

from __future__ import annotations

import argparse

from lm.commands.scaling import choice
from lm.language import exact_entropy
from lm.scaling.sweep import records
from lm.scaling.sweep.measured import COUNTS, HOFFMANN, KAPLAN, SCHEDULES, SHIPPED, Reading, readings
from lm.scaling.sweep.plan import LANGUAGE

NAME = "measured"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", metavar="CSV", nargs="?", default=str(SHIPPED),
                        help="runs.csv of a sweep (default: the one in this package)")  # fmt: skip
    parser.add_argument("--bootstrap", type=int, default=60, metavar="SAMPLES", help="default: %(default)s")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    return report(records.read_table(options.csv), options.bootstrap, options.csv)


def report(rows: list[dict], samples: int, source: str) -> tuple[dict, str]:
    """The four readings as JSON and as text."""
    entropy = exact_entropy(LANGUAGE).nats_per_token
    found = readings(rows, samples, source)
    lowest = min(row["excess"] for row in rows)
    result = {
        "entropy": entropy,
        "lowest_loss_above_entropy": lowest,
        "readings": [reading.to_dict() for reading in found],
        "kaplan_exponent": KAPLAN,
        "hoffmann_exponent": HOFFMANN,
    }
    table = [["N counts", "learning rate", "exponent a", "envelope", "E", "alpha", "beta"]]
    table += [[COUNTS[r.counted], SCHEDULES[r.schedule], *_numbers(r)] for r in found]
    lines = [
        f"{len(rows)} losses; the language's entropy is {entropy:.4f} nats a token, the best run {lowest:.4f} above.",
        "",
        choice.table(table),
        "",
        f"a: N_opt ~ C^a. Kaplan et al. 2020 (no embeddings, read on the way) have {KAPLAN}, Hoffmann et al. 2022 "
        f"{HOFFMANN:.2f}.",
    ]
    best = found[0]
    if best.fit and best.errors:
        low, high = best.errors.intervals["E"]
        inside = "holds" if low <= entropy <= high else "does not hold"
        lines.append(
            f"E of the first reading is {best.fit.law.E - entropy:+.4f} from the entropy; its 95 % interval, "
            f"{low:.4f} to {high:.4f}, {inside} it."
        )
    lines += [f"{COUNTS[r.counted]}, {SCHEDULES[r.schedule]}: {r.reason}" for r in found if r.reason]
    return result, "\n".join(lines)


def _numbers(reading: Reading) -> list[str]:
    envelope = "-" if reading.envelope_exponent is None else f"{reading.envelope_exponent:.3f}"
    if reading.fit is None or reading.errors is None:
        return ["-", envelope, "-", "-", "-"]
    law, errors = reading.fit.law, reading.errors.errors
    constants = [f"{getattr(law, name):.3f} +- {errors[name]:.3f}" for name in ("E", "alpha", "beta")]
    return [f"{reading.exponent:.3f} +- {reading.exponent_error:.3f}", envelope, *constants]
