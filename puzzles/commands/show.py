"""A puzzle's task; if asked for its picture as SVG, or a page with the picture and the solution to step through."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from puzzles import catalog
from puzzles.commands.arguments import add_id, add_json, print_json
from puzzles.commands.files import write_text
from puzzles.describe import details, page
from puzzles.picture import picture
from puzzles.view.gallery import puzzle_page


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    add_json(parser)
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write the puzzle's picture")
    parser.add_argument("--html", metavar="FILE", type=Path, help="write a page that plays the solution")


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    number = catalog.number(puzzle)
    if options.json:
        print_json({"number": number, "chapter": catalog.chapter(puzzle).title, **details(puzzle)})
    else:
        print(page(puzzle, number))
    if options.svg:
        _write(options.svg, picture(puzzle))
    if options.html:
        _write(options.html, puzzle_page(puzzle, picture(puzzle)))


def _write(path: Path, text: str) -> None:
    write_text(path, text)
    print(f"wrote {path}", file=sys.stderr)
