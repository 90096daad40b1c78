"""The first hints of a puzzle, one unless a number is given."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_id
from puzzles.errors import PuzzleError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    parser.add_argument("count", metavar="N", type=int, nargs="?", default=1, help="how many hints to show")


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    if not 1 <= options.count <= len(puzzle.hints):
        raise PuzzleError(f"{puzzle.id} has {len(puzzle.hints)} hints, so ask for 1 to {len(puzzle.hints)} of them.")
    for number, text in enumerate(puzzle.hints[: options.count], 1):
        print(f"{number}. {text}")
    if options.count < len(puzzle.hints):
        print(f"(There are {len(puzzle.hints)}: python -m puzzles hint {puzzle.id} {options.count + 1})")
