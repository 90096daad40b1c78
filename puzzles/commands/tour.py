"""The guided tour through GEMM, attention and a language model, written as one page."""

from __future__ import annotations

import argparse
from pathlib import Path

from puzzles.tour import main as run_tour


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("out/tour.html"), help="the page to write")


def run(options: argparse.Namespace) -> int:
    return int(run_tour(options.out))
