"""Write a file with a hole for every puzzle, and test_puzzles.py for pytest; files that exist stay as they are."""

from __future__ import annotations

import argparse
from pathlib import Path

from gpusim.places import shown_path
from puzzles import catalog
from puzzles.errors import PuzzleError
from puzzles.pytest_file import FILE, pytest_file
from puzzles.source import file_name, skeleton


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="where to write the files")


def run(options: argparse.Namespace) -> None:
    folder: Path = options.folder
    shown = Path(shown_path(str(folder)))
    puzzles = catalog.puzzles()
    files = {file_name(puzzle, number): skeleton(puzzle, number) for number, puzzle in enumerate(puzzles, 1)}
    files[FILE] = pytest_file(puzzles)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            try:
                with (folder / name).open("x", encoding="utf-8") as file:
                    file.write(text)
                print(f"wrote  {shown / name}")
            except FileExistsError:
                print(f"kept   {shown / name}")
    except OSError as error:
        raise PuzzleError(f"cannot write to {error.filename or folder}: {error.strerror}.") from None
    print(f"Fill the holes in an editor, then: python -m puzzles check {shown}")
