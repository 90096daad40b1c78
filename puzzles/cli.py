"""The command line: `python -m puzzles COMMAND`, whose commands are in `puzzles.commands`."""

from __future__ import annotations

import argparse
from pathlib import Path

from gpusim.cli import Command, Program
from puzzles import catalog

_COMMANDS = (
    ("list", "all puzzles in order, and your progress"),
    ("start", "write the files to fill in; never overwrites one"),
    ("next", "the next puzzle that you have not passed"),
    ("show", "a puzzle's task"),
    ("predict", "answer a puzzle's question before you write code"),
    ("check", "check a file or a folder of files"),
    ("watch", "check a file whenever it is saved"),
    ("hint", "a puzzle's hints, one by one"),
    ("skip", "go on to the next puzzle"),
    ("reset", "start a puzzle anew; your file is kept"),
    ("solution", "a puzzle's solution"),
    ("debug", "a file with a planted defect, to find and to repair"),
    ("notebook", "write the course as notebooks"),
    ("lab", "open JupyterLab on the course"),
    ("gallery", "write every solution as a page to step through"),
    ("new", "write a module for a puzzle of your own"),
    ("grade", "check the submissions of a class"),
    ("tour", "the guided tour through GEMM, attention and a language model"),
)

_REMEDIES = {
    "distributed": "pip install distributed, or leave --scheduler out",
    "nbformat": "pip install 'gpusim[notebook]'",
    "torch": "pip install 'gpusim[lm]'",
    "watchfiles": "pip install 'gpusim[watch]', or run `python -m puzzles check` after saving",
}


def _catalog(parser: argparse.ArgumentParser) -> None:
    """Puzzles of one's own, in every command."""
    parser.add_argument("--catalog", metavar="DIR", type=_included, help="add the puzzles of a folder to the course")


def _included(text: str) -> Path:
    catalog.include(Path(text))
    return Path(text)


PROGRAM = Program(
    "puzzles",
    "A course of GPU kernels with holes in them.",
    tuple(Command(name, f"puzzles.commands.{name}", summary) for name, summary in _COMMANDS),
    common=_catalog,
    remedies=_REMEDIES,
)

main = PROGRAM.main
