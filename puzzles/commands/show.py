"""A puzzle's task, and its picture as SVG if asked for."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.commands.arguments import add_id, add_json, print_json
from puzzles.describe import limit_text, page
from puzzles.errors import PuzzleError
from puzzles.picture import picture
from puzzles.spec import Puzzle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    add_json(parser)
    parser.add_argument("--svg", metavar="FILE", type=Path, help="write the puzzle's picture")


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    number = catalog.number(puzzle)
    if options.json:
        print_json(_details(number, puzzle))
    else:
        print(page(puzzle, number))
    if options.svg:
        _write_picture(puzzle, options.svg)


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


def _write_picture(puzzle: Puzzle, path: Path) -> None:
    svg = picture(puzzle)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(svg, encoding="utf-8")
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
    print(f"wrote {path}", file=sys.stderr)
