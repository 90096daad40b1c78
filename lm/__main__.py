"""The command line: `python -m lm train | eval | generate | ngram`."""

from __future__ import annotations

import argparse
import sys

from gpusim.cli import Command, Program


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


PROGRAM = Program(
    "lm",
    "Language models that run as GPU kernels.",
    (
        Command("ngram", "lm.commands.ngram", "perplexity of n-gram models"),
        Command("train", "lm.commands.train", "fit a transformer to a text"),
        Command("eval", "lm.commands.evaluate", "perplexity of a checkpoint, in torch, on the simulator or on a GPU"),
        Command("generate", "lm.commands.generate", "draw text from a checkpoint"),
    ),
    common=_json,
    remedies={"torch": "`pip install torch`, or use --device sim"},
)


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
    return PROGRAM.main(argv)


if __name__ == "__main__":
    sys.exit(main())
