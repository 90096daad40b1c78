"""The law that a sweep has measured, beside the true entropy; and what counting and schedules do to it."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lm.commands.scaling import choice
from lm.language import exact_entropy
from lm.scaling import named
from lm.scaling.embeddings import CHINCHILLA, KAPLAN_SIZES, seen_exponent
from lm.scaling.law import Law
from lm.scaling.sweep import records
from lm.scaling.sweep.measured import (
    COUNTS,
    HOFFMANN,
    KAPLAN,
    SCHEDULES,
    SHIPPED,
    Reading,
    expected_exponent,
    readings,
    rises,
)
from lm.scaling.sweep.plan import LANGUAGE

NAME = "measured"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", metavar="CSV", nargs="?", default=str(SHIPPED),
                        help="runs.csv of a sweep (default: the one in this package)")  # fmt: skip
    parser.add_argument("--bootstrap", type=int, default=60, metavar="SAMPLES", help="default: %(default)s")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    return report(records.read_table(options.csv), options.bootstrap, options.csv)


def report(rows: list[dict], samples: int, source: str) -> tuple[dict, str]:
    """The four readings, and how their exponents differ, as JSON and as text."""
    entropy = exact_entropy(LANGUAGE).nats_per_token
    found = readings(rows, samples, source)
    lowest = min(row["excess"] for row in rows)
    published = named.named(named.DEFAULT).dense
    assert isinstance(published, Law)
    at_kaplan = seen_exponent(published, CHINCHILLA, KAPLAN_SIZES)
    higher = rises(found)
    result: dict = {
        "entropy": entropy,
        "lowest_loss_above_entropy": lowest,
        "readings": [reading.to_dict() for reading in found],
        "rises": [asdict(rise) for rise in higher],
        "expected_exponent_without_embeddings": None,
        "kaplan_exponent": KAPLAN,
        "hoffmann_exponent": HOFFMANN,
        "exponent_without_embeddings_at_kaplans_sizes": at_kaplan,
    }
    table = [["N counts", "learning rate", "exponent a", "95 %", "envelope", "E", "alpha", "beta"]]
    table += [[COUNTS[r.counted], SCHEDULES[r.schedule], *_numbers(r)] for r in found]
    lines = [
        f"{len(rows)} losses; the language's entropy is {entropy:.4f} nats a token, the best run {lowest:.4f} above.",
        "",
        choice.table(table),
        "",
        f"a: N_opt ~ C^a. Kaplan et al. 2020 (no embeddings, one warm-up) have {KAPLAN}, Hoffmann et al. 2022 "
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
        expected = expected_exponent(rows, best.fit.law)
        result["expected_exponent_without_embeddings"] = expected
        lines += ["", "Against the first reading the exponent changes by"]
        for rise in higher:
            low, high = rise.interval
            lines.append(
                f"  {rise.value:+.3f} ({low:+.3f} to {high:+.3f}): {COUNTS[rise.counted]}, {SCHEDULES[rise.schedule]}"
            )
        lines.append(
            f"Without embeddings the law of the first reading makes one expect {expected:.3f} at these sizes; that of "
            f"{named.DEFAULT} {at_kaplan:.2f} at Kaplan's (Pearce & Song 2024)."
        )
    lines += [f"{COUNTS[r.counted]}, {SCHEDULES[r.schedule]}: {r.reason}" for r in found if r.reason]
    return result, "\n".join(lines)


def _numbers(reading: Reading) -> list[str]:
    envelope = "-" if reading.envelope_exponent is None else f"{reading.envelope_exponent:z.3f}"
    if reading.fit is None or reading.errors is None or reading.exponent_interval is None:
        return ["-", "-", envelope, "-", "-", "-"]
    law, errors = reading.fit.law, reading.errors.errors
    constants = [f"{getattr(law, name):.3f} +- {errors[name]:.3f}" for name in ("E", "alpha", "beta")]
    low, high = reading.exponent_interval
    return [f"{reading.exponent:.3f}", f"{low:.3f} to {high:.3f}", envelope, *constants]
