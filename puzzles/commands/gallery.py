"""Write every puzzle's solution as a page to step through, with an index: files for any static host."""

from __future__ import annotations

import argparse
from pathlib import Path

from puzzles.commands.files import write_text
from puzzles.view.gallery import INDEX, files


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--out", metavar="DIR", type=Path, default=Path("out/gallery"), help="default: %(default)s")


def run(options: argparse.Namespace) -> None:
    folder: Path = options.out
    count = 0
    for name, text in files():
        write_text(folder / name, text)
        count += 1
    print(f"wrote {count} files; open {folder / INDEX}")
