"""Arguments that several commands take, and how their values are read."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from puzzles.service import TIME_LIMIT, Service, service


def add_id(parser: argparse.ArgumentParser) -> None:
    """A puzzle."""
    parser.add_argument("id", metavar="ID", help="a puzzle's id or number")


def add_json(parser: argparse.ArgumentParser) -> None:
    """Output for programs."""
    parser.add_argument("--json", action="store_true", help="print JSON")


def add_folder(parser: argparse.ArgumentParser) -> None:
    """The learner's folder."""
    parser.add_argument("folder", metavar="DIR", type=Path, nargs="?", default=Path(), help="your folder (default: .)")


def add_checking(parser: argparse.ArgumentParser) -> None:
    """How to check."""
    parser.add_argument("--seed", type=seed, help="repeat an earlier check's random inputs")
    parser.add_argument("--time-limit", type=seconds, default=TIME_LIMIT, metavar="SECONDS", help="for each file")
    parser.add_argument("--device", choices=("sim", "gpu"), default="sim", help="gpu: a real one, for results only")
    parser.add_argument(
        "--require-sandbox", action="store_true", help="do not check where no sandbox (bubblewrap, namespaces) works"
    )


def service_for(options: argparse.Namespace) -> Service:
    """The service that the options ask for. Raises GpusimError where there is no GPU, or no sandbox."""
    if options.device == "gpu":
        from gpusim.host.gpu import require_gpu  # loads Numba, which nobody else of this process needs

        require_gpu()
    return service(options.require_sandbox, on_gpu=options.device == "gpu")


def seed(text: str) -> int:
    """A whole number from 0 on."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 on, not {text!r}")
    return int(text)


def seconds(text: str) -> float:
    """A finite number of seconds above 0."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"a time limit is a number of seconds above 0, not {text!r}")
    return number


def print_json(value: Any) -> None:
    """A value as indented JSON."""
    print(json.dumps(value, indent=2))
