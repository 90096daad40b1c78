"""The puzzles in the order of the course: `CHAPTERS` names the packages, each of which lists its puzzles' modules.

A puzzle's number is its place in the whole course. Behind our chapters come those of others: packages that an installed
distribution names under the entry-point group "puzzles.catalog", and folders (`puzzles.catalog.others`).
"""

from __future__ import annotations

import difflib
import importlib
from functools import cache
from pathlib import Path

from puzzles.catalog import others
from puzzles.chapter import Chapter
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise
from puzzles.spec import Puzzle

CHAPTERS = (
    "threads",
    "warps",
    "shared_memory",
    "between_blocks",
    "gemm",
    "softmax",
    "attention",
    "transformer",
    "learning",
    "capstones",
    "thinking",
    "debugging",
)


class UnknownPuzzle(PuzzleError):
    """No puzzle has this id; the message names the nearest ones."""


def chapters() -> list[Chapter]:
    """All chapters that have puzzles, in order."""
    return list(_modules().values())


def named_chapters() -> dict[str, Chapter]:
    """The same by the names of their packages, such as `shared_memory`."""
    return {package.rpartition(".")[2]: chapter for package, chapter in _modules().items()}


def ids() -> list[str]:
    """All puzzle ids, in order."""
    return [_id(name) for chapter in chapters() for name in chapter.modules]


def puzzles() -> list[Exercise]:
    """All puzzles, in order."""
    return [load(name) for name in ids()]


def kernel_puzzles() -> list[Puzzle]:
    """The puzzles that ask for kernels, in order."""
    return [puzzle for puzzle in puzzles() if isinstance(puzzle, Puzzle)]


def load_kernel(name: str) -> Puzzle:
    """The puzzle with this id or number. Raises UnknownPuzzle, and PuzzleError if it does not ask for kernels."""
    puzzle = load(name)
    if not isinstance(puzzle, Puzzle):
        raise PuzzleError(f"{puzzle.id} asks for a program, not for a kernel; choose another puzzle.")
    return puzzle


def load(name: str) -> Exercise:
    """The puzzle with this id or number. Raises UnknownPuzzle."""
    known = ids()
    if name.isdecimal() and 1 <= int(name) <= len(known):
        name = known[int(name) - 1]
    if name not in known:
        close = difflib.get_close_matches(name.replace("_", "-"), known, n=3, cutoff=0.4)
        near = sorted(close, key=known.index)
        help_text = f"did you mean {' or '.join(near)}?" if near else "`python -m puzzles list` shows them all."
        raise UnknownPuzzle(f"there is no puzzle {name!r}; {help_text}")
    package = next(package for package, chapter in _modules().items() if name in map(_id, chapter.modules))
    return others.spec(f"{package}.{name.replace('-', '_')}")


def number(puzzle: Exercise) -> int:
    """The puzzle's place in the course, from 1."""
    return ids().index(puzzle.id) + 1


def chapter(puzzle: Exercise) -> Chapter:
    """The chapter that a puzzle belongs to."""
    return next(chapter for chapter in chapters() if puzzle.id in map(_id, chapter.modules))


def include(folder: Path) -> None:
    """Add the puzzles of a folder to the catalogue, for the rest of this process. Raises PuzzleError."""
    package, chapter = others.of_folder(folder)
    for name in map(_id, chapter.modules):
        if name in ids():
            raise PuzzleError(f"{folder} has a puzzle {name}, and so has the course; give it another name.")
    _modules()[package] = chapter


def is_extended() -> bool:
    """Whether folders have been added."""
    return any(package.startswith(others.PACKAGE) for package in _modules())


@cache
def _modules() -> dict[str, Chapter]:
    """The chapters by the full name of their package."""
    packages = [f"{__name__}.{name}" for name in CHAPTERS]
    found = {package: importlib.import_module(package).CHAPTER for package in packages} | others.installed()
    return {package: chapter for package, chapter in found.items() if chapter.modules}


def _id(module: str) -> str:
    return module.replace("_", "-")
