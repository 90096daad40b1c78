"""The complete file that solves a puzzle."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_id
from puzzles.source import solution


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    print(solution(puzzle, catalog.number(puzzle)), end="")
