"""A chapter as a notebook: generated from the puzzles, and never edited by hand."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from puzzles import catalog
from puzzles.chapter import Chapter
from puzzles.exercise import Exercise
from puzzles.notebook.hole import hole, question
from puzzles.view.markdown import paragraphs, prose, statement

SETUP = """%load_ext puzzles
from puzzles.notebook import check, hints, picture, predict, progress, puzzle"""


def chapter_notebook(name: str, chapter: Chapter, filled: bool = False) -> Any:
    """The notebook (nbformat 4.5, without outputs) of the chapter with this name; `filled`: with our solutions."""
    cells = [
        markdown(f"# {prose(chapter.title)}\n\n" + "\n\n".join([*paragraphs(chapter.about), GUIDE])),
        code(f'{SETUP}\n\nprogress("{name}")'),
    ]
    for identity in chapter.ids:
        cells += _puzzle(catalog.load(identity), filled)
    return notebook(cells)


GUIDE = """Run the cells from top to bottom (Shift+Enter). For each puzzle: look at the picture, predict, fill the hole,
and run the cell again until `check` is content. What fails can be stepped through, forwards and back. `hints("map")`
helps one hint at a time. How far you are is kept in `.puzzles.json` beside this notebook, where
`python -m puzzles list` finds it, too."""


def _puzzle(puzzle: Exercise, filled: bool) -> list[Any]:
    """Statement, picture, prediction, the cell with the hole, and the hints."""
    number = catalog.number(puzzle)
    asked = question(puzzle)
    answer = f", {asked.answer!r}" if asked and filled else ""
    return [
        markdown(statement(puzzle, number)),
        code(f'picture("{puzzle.id}")'),
        *([code(f'predict("{puzzle.id}"{answer})')] if asked else []),
        code(hole(puzzle, filled)),
        code(f'hints("{puzzle.id}")'),
    ]


def notebook(cells: Iterable[Any]) -> Any:
    """A notebook of these cells, whose ids follow from what stands in them."""
    from nbformat import v4

    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    made = v4.new_notebook(metadata={"kernelspec": kernel, "language_info": {"name": "python"}})
    used: set[str] = set()
    for cell in cells:
        identity = hashlib.sha256(cell.source.encode()).hexdigest()[:12]
        while identity in used:
            identity = hashlib.sha256(identity.encode()).hexdigest()[:12]
        used.add(identity)
        cell.id = identity
        made.cells.append(cell)
    return made


def written(cells: Iterable[tuple[str, str]]) -> Any:
    """A notebook of cells as they stand: ("text" or "code", source)."""
    return notebook(markdown(source) if kind == "text" else code(source) for kind, source in cells)


def markdown(source: str) -> Any:
    """A cell of text."""
    from nbformat import v4

    return v4.new_markdown_cell(source)


def code(source: str) -> Any:
    """A cell to run."""
    from nbformat import v4

    return v4.new_code_cell(source)
