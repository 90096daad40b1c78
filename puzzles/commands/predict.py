"""Answer a puzzle's question before you write code; without an answer, the question."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_id
from puzzles.errors import PuzzleError
from puzzles.source import question


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    parser.add_argument("answer", metavar="ANSWER", nargs="*", help="a number, cells, or one of the choices")


def run(options: argparse.Namespace) -> int:
    puzzle = catalog.load(options.id)
    asked = question(puzzle)
    if asked is None:
        raise PuzzleError(f"{puzzle.id} has no question; `python -m puzzles show {puzzle.id}` has the task.")
    if not options.answer:
        print(f"{asked.question} ({asked.form})")
        return 0
    if asked.is_right(" ".join(options.answer)):
        print(f"right: {asked.why}")
        return 0
    print(f"not {' '.join(options.answer)}, but {asked.shown}: {asked.why}")
    return 1
