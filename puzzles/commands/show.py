"""A puzzle's task; if asked for its picture as SVG, or a page with the picture and the solution to step through."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.commands.arguments import add_id, add_json, print_json
from puzzles.commands.files import write_text
from puzzles.describe import limit_text, page
from puzzles.picture import picture
from puzzles.spec import Puzzle
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
        print_json(_details(number, puzzle))
    else:
        print(page(puzzle, number))
    if options.svg:
        _write(options.svg, picture(puzzle))
    if options.html:
        _write(options.html, puzzle_page(puzzle, picture(puzzle)))


def _details(number: int, puzzle: Puzzle) -> dict[str, Any]:
    """A puzzle as JSON: what the page says."""
    return {
        "number": number,
        "id": puzzle.id,
        "title": puzzle.title,
        "chapter": catalog.chapter(puzzle).title,
        "task": puzzle.task,
        "signatures": puzzle.signatures,
        "parameters": [
            {"name": p.name, "role": p.role, "dtype": p.dtype, "shape": list(p.shape)} for p in puzzle.parameters
        ],
        "launches": [
            {"size": size, "kernel": launch.kernel, "grid": launch.grid, "block": launch.block, "shared": launch.shared}
            for size in puzzle.sizes
            for launch in puzzle.launches(size)
        ],
        "fresh_sizes": {name: list(bounds) for name, bounds in puzzle.fresh.items()},
        "limits": [limit_text(limit) for limit in puzzle.limits],
        "prediction": puzzle.prediction.question if puzzle.prediction else None,
        "hints": len(puzzle.hints),
    }


def _write(path: Path, text: str) -> None:
    write_text(path, text)
    print(f"wrote {path}", file=sys.stderr)
