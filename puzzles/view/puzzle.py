"""A puzzle as HTML: statement, picture, and its hints, each behind a button inside the one before."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt

from gpusim.errors import GpusimError
from puzzles import catalog
from puzzles.exercise import Exercise
from puzzles.picture import picture
from puzzles.view.markdown import statement
from puzzles.view.style import sheet
from puzzles.view.verdict import text

_MARKDOWN = MarkdownIt("commonmark").enable("table")


def puzzle_html(puzzle: Exercise) -> str:
    """A puzzle in a notebook."""
    return sheet(puzzle_body(puzzle))


def puzzle_body(puzzle: Exercise) -> str:
    """Statement, picture, question and hints."""
    asked = puzzle.prediction
    question = f"<h3>Predict first</h3><p>{text(asked.question)}</p>" if asked else ""
    return (
        rendered(statement(puzzle, catalog.number(puzzle))) + picture_html(puzzle) + question + hints_body(puzzle.hints)
    )


def rendered(markdown: str) -> str:
    """HTML of a statement; tables scroll where they are wider than the page."""
    html = str(_MARKDOWN.render(markdown))
    return html.replace("<table>", '<div class="scroll"><table>').replace("</table>", "</table></div>")


def picture_html(puzzle: Exercise) -> str:
    """The solution's picture; nothing without the drawing library."""
    try:
        return f'<div class="scroll">{picture(puzzle)}</div>'
    except GpusimError:
        return ""


def hints_body(hints: Sequence[str], first: int = 1) -> str:
    """The first hint behind a button, and the others within it."""
    if not hints:
        return ""
    inner = f"<p>{text(hints[0])}</p>{hints_body(hints[1:], first + 1)}"
    return f"<details><summary>Hint {first}</summary>{inner}</details>"


def error_html(message: Any) -> str:
    """A sentence about what went wrong."""
    return sheet(f'<p class="bad">{escape(str(message))}</p>')
