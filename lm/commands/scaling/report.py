"""One page with the measured law, the published ones and the known models."""

from __future__ import annotations

import argparse
from pathlib import Path

from lm.files import write_file
from lm.language import exact_entropy
from lm.scaling.report import document
from lm.scaling.sweep.measured import SHIPPED, readings
from lm.scaling.sweep.plan import LANGUAGE
from lm.scaling.sweep.records import read_table

NAME = "report"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("csv", metavar="CSV", nargs="?", default=str(SHIPPED),
                        help="runs.csv of a sweep (default: the one in this package)")  # fmt: skip
    parser.add_argument("--out", metavar="FILE", default="out/scaling.html", help="default: %(default)s")
    parser.add_argument("--bootstrap", type=int, default=60, metavar="SAMPLES", help="default: %(default)s")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    found = readings(read_table(options.csv), options.bootstrap, options.csv)
    html = document(found, exact_entropy(LANGUAGE).nats_per_token)
    write_file(Path(options.out), html.encode())
    return {"file": options.out}, f"wrote {options.out}"
