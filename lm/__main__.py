"""The command line: `python -m lm COMMAND`, one module of `lm.commands` each."""

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
        Command("attend", "lm.commands.attend", "why attention is needed: which model solves which small task"),
        Command("language", "lm.commands.language", "a language whose entropy is known: the floor, and documents"),
        Command("compress", "lm.commands.compress", "compress a file with any of the models"),
        Command("expand", "lm.commands.expand", "restore what compress made"),
        Command("guess", "lm.commands.guess", "Shannon's guessing game, for you or a model"),
        Command("filter", "lm.commands.filter", "clean a corpus of duplicates and strange documents"),
        Command("scaling", "lm.commands.scaling", "scaling laws: fit, quote, decide with and measure them"),
        Command("rasp", "lm.commands.rasp", "programs for attention: run them, compile them to weights, draw them"),
        Command("lecture", "lm.commands.lecture", "the lecture's numbers and demonstrations, measured, on one page"),
    ),
    common=_json,
    remedies={
        "torch": "`pip install torch` (eval and generate do without it: --device sim)",
        "scipy": "`pip install scipy`",
        "matplotlib": "`pip install matplotlib`",
        "distributed": "`pip install distributed`, or leave out --scheduler",
    },
)


def main(argv: list[str] | None = None) -> int:
    """Run one subcommand; returns the exit status."""
    return PROGRAM.main(argv)


if __name__ == "__main__":
    sys.exit(main())
