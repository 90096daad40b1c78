"""The sections put together: a self-contained HTML page, and a notebook that measures them again."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections.abc import Mapping
from html import escape
from typing import Any

from gpusim.report.page import Section, figure, heading, inline, page, prose, table
from gpusim.report.tables import Column, Row, Table
from lm.lecture.lesson import Finding, Grid, Lesson

TITLE = "Large language models in five formulas, measured"
LEAD = (
    "Every number and demonstration of the lecture that software can show: what it claims, the command that shows it, "
    "what comes out here, and where the two differ."
)


def html(found: Mapping[str, tuple[Lesson, Finding]], source: str, command: str, text: str | None = None) -> str:
    """The page.

    found    sections with what was measured, by name
    source   the text that was used
    text     the option that named it, if one did
    """
    sections = [
        Section(f"Formula {lesson.formula}: {lesson.title}", section(lesson, finding, command_of(name, lesson, text)))
        for name, (lesson, finding) in found.items()
    ]
    footer = f"Measured on {source}. Made by `{command}`."
    return page(TITLE, sections, lead=LEAD, footer=footer)


def command_of(name: str, lesson: Lesson, text: str | None) -> str:
    """What shows a section's numbers in a terminal: on a text of one's own, the section itself."""
    return f"python -m lm lecture --text {shlex.quote(text)} --only {name}" if text else lesson.command


def section(lesson: Lesson, finding: Finding, command: str) -> str:
    """One section's HTML: whose claim, then what was measured."""
    return f"<p><b>{who(lesson)}</b> {inline(lesson.claim)}</p>{measured(finding, command)}"


def measured(finding: Finding, command: str) -> str:
    """The command, what came out of it, tables, pictures and samples as HTML."""
    parts = [f'<p class="note">Run <code>{escape(command)}</code></p>', prose(finding.says)]
    parts += [(heading(grid.title) if grid.title else "") + table(_table(grid)) for grid in finding.grids]
    parts += [figure(picture.svg, picture.caption) for picture in finding.pictures]
    for title, text in finding.samples:
        parts.append(f'{heading(title)}<pre class="sample">{escape(text)}</pre>')
    return "".join(parts)


def who(lesson: Lesson) -> str:
    """Whose claim it is."""
    return f"The lecture, {lesson.place}:" if lesson.place else "Beyond the lecture:"


def _table(grid: Grid) -> Table:
    numeric = [all(not isinstance(row[i], str) for row in grid.rows) for i in range(len(grid.headings))]
    columns = tuple(Column(name, numeric=n) for name, n in zip(grid.headings, numeric, strict=True))
    return Table(grid.title, columns, tuple(Row(tuple(map(cell, row))) for row in grid.rows))


def cell(value: str | float | int | None) -> str:
    """A number as people read it: whole ones as they are, others with four digits; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}"
    if value == float("inf"):
        return "infinite"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def notebook(names: Mapping[str, Lesson], text: str | None) -> str:
    """A Jupyter notebook with a cell for each section, which measures and shows it; text: the option of the command."""
    cells = [_markdown(f"# {TITLE}\n\n{LEAD}")]
    for name, lesson in names.items():
        title = f"## Formula {lesson.formula}: {lesson.title}"
        cells.append(_markdown(f"{title}\n\n{who(lesson)} {lesson.claim}"))
        argument = f", {text!r}" if text else ""
        cells.append(_code(f"from lm.lecture.show import show\n\nshow({name!r}{argument})"))
    content = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(content, indent=1) + "\n"


def _markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "id": _identity(source), "metadata": {}, "source": source}


def _code(source: str) -> dict[str, Any]:
    rest: dict[str, Any] = {"execution_count": None, "metadata": {}, "outputs": []}
    return {"cell_type": "code", "id": _identity(source), "source": source} | rest


def _identity(source: str) -> str:
    """A cell's id, the same for the same source."""
    return hashlib.sha256(source.encode()).hexdigest()[:12]
