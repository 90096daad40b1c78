"""Write a module for a puzzle of your own, with comments; then: python -m puzzles list --catalog DIR."""

from __future__ import annotations

import argparse
from pathlib import Path

from puzzles.errors import PuzzleError

TEMPLATE = Path(__file__).with_name("new_puzzle.txt")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="FILE", type=Path, help="the module to write, such as week_1/scale.py")


def run(options: argparse.Namespace) -> None:
    path: Path = options.path
    if path.suffix != ".py" or not path.stem.isidentifier():
        raise PuzzleError(f"{path}: a module's name is letters, digits and _, and ends in .py.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(TEMPLATE.read_text(encoding="utf-8"))
    except FileExistsError:
        raise PuzzleError(f"{path} exists; it stays as it is.") from None
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
    name = path.stem.replace("_", "-")
    print(f"wrote  {path}\nLook at it as a learner: python -m puzzles show {name} --catalog {path.parent}")
