"""Write a file with a planted defect: name the lines, then repair it, then check it.

Without an ID, a puzzle is drawn by the seed. The same ID and seed plant the same defect again.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

from gpusim.places import shown_paths
from puzzles import catalog
from puzzles.commands.arguments import seed
from puzzles.debug.planted import NoPlace, Planted, plant
from puzzles.errors import PuzzleError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", nargs="?", help="a puzzle's id or number")
    parser.add_argument("--seed", type=seed, default=None, help="which defect (default: drawn)")
    parser.add_argument("--out", metavar="FILE", type=Path, help="the file to write (default: debug_ID_SEED.py)")


def run(options: argparse.Namespace) -> None:
    number = random.randrange(10_000) if options.seed is None else options.seed
    planted = plant(catalog.load_kernel(options.id).id, number) if options.id else _drawn(number)
    path: Path = options.out or Path(f"debug_{planted.puzzle.replace('-', '_')}_{number}.py")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(planted.text)
    except FileExistsError:
        raise PuzzleError(f"{path} exists; it stays as it is. Choose another --seed, or --out.") from None
    except OSError as error:
        raise PuzzleError(f"cannot write {path}: {error.strerror}.") from None
    print(shown_paths(f"wrote  {path}\nThe checker says: {planted.symptom}"))
    print(shown_paths(f"Put the lines into PREDICTION = ..., repair the kernel, then: python -m puzzles check {path}"))


def _drawn(seed: int) -> Planted:
    """A defect in some puzzle's solution; not every solution has a place for one."""
    names = [puzzle.id for puzzle in catalog.kernel_puzzles() if not puzzle.defect]
    random.Random(seed).shuffle(names)
    for name in names:
        try:
            return plant(name, seed)
        except NoPlace:
            continue
    raise PuzzleError("no puzzle has a place for a defect.")
