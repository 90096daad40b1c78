"""A puzzle's task, and its picture as SVG if asked for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from puzzles import catalog
from puzzles.commands.arguments import add_id, add_json, print_json
from puzzles.describe import details, page
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.picture import picture


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    add_json(parser)
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write the puzzle's picture")


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    number = catalog.number(puzzle)
    if options.json:
        print_json({"number": number, "chapter": catalog.chapter(puzzle).title, **details(puzzle)})
    else:
        print(page(puzzle, number))
    if options.svg:
        _write_picture(puzzle, options.svg)


def _write_picture(puzzle: Exercise, path: Path) -> None:
    svg = picture(puzzle)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
    print(f"wrote {path}", file=sys.stderr)
