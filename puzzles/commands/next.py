"""The next puzzle that you have neither passed nor skipped, and its file."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_folder
from puzzles.course import after
from puzzles.describe import page
from puzzles.progress import Progress
from puzzles.source import file_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_folder(parser)


def run(options: argparse.Namespace) -> None:
    progress = Progress.of(options.folder)
    name = after("", {*progress.passed, *progress.skipped})
    if not name:
        left = f"; skipped: {', '.join(progress.skipped)}" if progress.skipped else ""
        print(f"All puzzles are done{left}.")
        return
    puzzle = catalog.load(name)
    number = catalog.number(puzzle)
    path = options.folder / file_name(puzzle, number)
    print(page(puzzle, number))
    print(f"\n{path}" if path.exists() else f"\n(python -m puzzles start {options.folder} writes {path})")
