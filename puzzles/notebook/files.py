"""Notebooks as files: which there are, and writing them without losing a learner's work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from puzzles import catalog
from puzzles.errors import PuzzleError
from puzzles.notebook.cells import chapter_notebook
from puzzles.notebook.formulas import formula_notebooks
from puzzles.notebook.tour import tour_notebooks

Made = tuple[str, Callable[[], Any]]
"""A file's name, and what makes the notebook."""

OTHERS: dict[str, Callable[[], Iterator[Made]]] = {"tour": tour_notebooks, "formulas": formula_notebooks}
"""Notebooks that are no chapters: the tour's three parts, and the five formulas of language models."""


def named(name: str | None, filled: bool = False) -> list[Made]:
    """The notebooks of a chapter by its name, of the "tour", of the "formulas", or of all chapters.

    Raises PuzzleError for a name that is none.
    """
    chapters = catalog.named_chapters()
    if name in OTHERS:
        return list(OTHERS[name]())
    if name is not None and name not in chapters:
        raise PuzzleError(f"there is no chapter {name!r}; choose from {', '.join([*chapters, *OTHERS])}.")
    return [
        (_file(key), partial(chapter_notebook, key, chapter, filled))
        for key, chapter in chapters.items()
        if name in (None, key)
    ]


def _file(name: str) -> str:
    """`05_gemm.ipynb`: our own chapters have the number of their place."""
    place = f"{catalog.CHAPTERS.index(name) + 1:02d}_" if name in catalog.CHAPTERS else ""
    return f"{place}{name}.ipynb"


def write(folder: Path, made: list[Made], force: bool = False) -> Iterator[tuple[Path, bool]]:
    """Write notebooks into a folder: each file, and whether it was written. One that is there stays, unless forced.

    Raises PuzzleError.
    """
    import nbformat

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, make in made:
            path = folder / name
            if path.exists() and not force:
                yield path, False
                continue
            beside = path.with_name(f"{name}.part")
            beside.write_text(nbformat.writes(make()) + "\n", encoding="utf-8")
            os.replace(beside, path)
            yield path, True
    except OSError as error:
        raise PuzzleError(f"cannot write to {error.filename or folder}: {error.strerror}.") from None
