"""Start a puzzle anew: its file gets its hole back. Your old file stays beside it under another name."""

from __future__ import annotations

import argparse
import os
from itertools import count
from pathlib import Path

from gpusim.places import shown_paths
from puzzles import catalog
from puzzles.commands.arguments import add_folder, add_id
from puzzles.errors import PuzzleError
from puzzles.progress import Progress
from puzzles.source import file_name, skeleton


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    add_folder(parser)


def run(options: argparse.Namespace) -> None:
    puzzle = catalog.load(options.id)
    number = catalog.number(puzzle)
    path: Path = options.folder / file_name(puzzle, number)
    try:
        if path.exists():
            kept = _free(path)
            os.rename(path, kept)
            print(shown_paths(f"kept   {kept}"))
        with path.open("x", encoding="utf-8") as file:
            file.write(skeleton(puzzle, number))
    except OSError as error:
        raise PuzzleError(f"cannot write {error.filename or path}: {error.strerror}") from None
    print(shown_paths(f"wrote  {path}"))
    progress = Progress.of(options.folder)
    progress.passed.pop(puzzle.id, None)
    progress.skipped = [name for name in progress.skipped if name != puzzle.id]
    progress.save()


def _free(path: Path) -> Path:
    """A name beside the file that is not taken, and that no check of the folder looks at."""
    return next(free for n in count(1) if not (free := path.with_suffix(f".py.{n}")).exists())
