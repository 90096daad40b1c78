"""Scaling laws: fit, quote, decide with and measure them."""

# One module a subcommand: NAME, add_arguments(parser) and run(options), which returns the result as a JSON-ready
# dictionary and as text.

from __future__ import annotations

import argparse
import json

NAME = "scaling"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    from lm.commands.scaling import (
        bias,
        fit,
        inference,
        laws,
        measured,
        models,
        notebook,
        optimal,
        plot,
        price,
        repeat,
        report,
        stock,
        sweep,
    )

    parts = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
    decide, look = (optimal, inference, repeat, price, stock), (models, laws, bias)
    for part in (fit, *decide, *look, sweep, measured, plot, report, notebook):
        summary = (part.__doc__ or "").splitlines()[0]
        sub = parts.add_parser(part.NAME, help=summary, description=summary)
        part.add_arguments(sub)
        # Also after the subcommand; SUPPRESS leaves what stood before it.
        sub.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print the result as JSON")
        sub.set_defaults(part=part.run)


def run(options: argparse.Namespace) -> None:
    result, text = options.part(options)
    print(json.dumps(result, indent=2) if options.json else text)
