"""Skip a puzzle: `next` goes on to the one behind it. Passing it later undoes that."""

from __future__ import annotations

import argparse

from puzzles import catalog
from puzzles.commands.arguments import add_folder, add_id
from puzzles.course import after
from puzzles.progress import Progress


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_id(parser)
    add_folder(parser)


def run(options: argparse.Namespace) -> None:
    name = catalog.load(options.id).id
    progress = Progress.of(options.folder)
    if name not in progress.passed and name not in progress.skipped:
        progress.skipped.append(name)
        progress.save()
    coming = after(name, {*progress.passed, *progress.skipped})
    print(f"skipped {name}" + (f"; next: {coming}" if coming else ""))
