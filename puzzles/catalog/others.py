"""Puzzles that are not ours: packages that announce themselves, and folders of modules.

A package announces itself in its pyproject.toml, and has a `CHAPTER` as our own chapters do:

    [project.entry-points."puzzles.catalog"]
    week-1 = "my_course.week_1"

A folder holds modules as `python -m puzzles new` writes them; an `__init__.py` with a `CHAPTER` gives title and order.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
import traceback
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

from puzzles.chapter import Chapter
from puzzles.errors import PuzzleError
from puzzles.exercise import Exercise

GROUP = "puzzles.catalog"

PACKAGE = "puzzles_of_"
"""Begins the names that folders get as packages."""


def installed() -> dict[str, Chapter]:
    """The chapters of installed packages, by package. Raises PuzzleError for one that cannot be imported."""
    found = {}
    for point in entry_points(group=GROUP):
        try:
            found[point.value] = point.load().CHAPTER
        except Exception as error:
            raise PuzzleError(f"the puzzles of {point.value} cannot be loaded: {_spoken(error)}") from None
    return found


def of_folder(folder: Path) -> tuple[str, Chapter]:
    """(package, chapter) of a folder of modules. Raises PuzzleError."""
    if not folder.is_dir():
        raise PuzzleError(f"--catalog: there is no folder {folder}.")
    place = folder.resolve()
    package = PACKAGE + hashlib.sha256(str(place).encode()).hexdigest()[:12]
    names = sorted(path.stem for path in place.glob("*.py") if path.stem != "__init__")
    if not names:
        raise PuzzleError(f"--catalog: {folder} holds no modules; `python -m puzzles new {folder}/mine.py` writes one.")
    parent = ModuleType(package)
    parent.__path__ = [str(place)]
    sys.modules[package] = parent
    if (place / "__init__.py").is_file():
        chapter: Chapter = _load(package, place / "__init__.py").CHAPTER
        return package, chapter
    return package, Chapter(folder.name, "", tuple(names))


def spec(module: str) -> Exercise:
    """The puzzle of a module. Raises PuzzleError, with file and line, for one of a folder that does not work."""
    if not module.startswith(PACKAGE):
        found: Exercise = importlib.import_module(module).SPEC
        return found
    known = sys.modules.get(module)
    if known is None:
        package, _, name = module.rpartition(".")
        known = _load(module, Path(sys.modules[package].__path__[0]) / f"{name}.py")
    puzzle = getattr(known, "SPEC", None)
    if not isinstance(puzzle, Exercise):
        raise PuzzleError(f"{known.__file__} defines no SPEC = Puzzle(...).")
    return puzzle


def _load(name: str, path: Path) -> ModuleType:
    described = importlib.util.spec_from_file_location(name, path)
    assert described is not None and described.loader is not None
    module = importlib.util.module_from_spec(described)
    sys.modules[name] = module
    try:
        described.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
        line = getattr(error, "lineno", None) or (lines[-1] if lines else None)
        raise PuzzleError(f"{path}{f':{line}' if line else ''}: {_spoken(error)}") from None
    return module


def _spoken(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
