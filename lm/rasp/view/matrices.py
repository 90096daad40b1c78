"""Attention as matrices: a row for each query, a column for each key, darker where more is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.view.palette import color
from gpusim.view.picture import Picture
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render

PAGE = 860.0  # page units, pixels at full size
MARGIN, GAP = 22.0, 34.0
TITLE, HEAD, NOTE, TOKEN = 16.0, 13.0, 10.5, 12.0
LARGEST_CELL, SMALLEST_CELL = 24.0, 9.0
FAINTEST = 0.02  # weights below this are not painted
NOTE_LINE = 14.0


@dataclass(frozen=True)
class Matrix:
    """weights [queries, keys] in 0..1; the note is a formula below the title; keys need labels of 1 or 2 characters."""

    title: str
    note: str
    queries: tuple[str, ...]
    keys: tuple[str, ...]
    weights: np.ndarray


@dataclass(frozen=True)
class Section:
    """Matrices that belong together, such as the heads of a layer."""

    title: str
    matrices: tuple[Matrix, ...]


@dataclass(frozen=True)
class _Panel:
    diagram: Diagram  # its top left corner at the origin
    width: float
    height: float


def draw_matrices(title: str, subtitle: str, sections: Sequence[Section]) -> Picture:
    """All sections below each other, their matrices side by side as far as a page goes."""
    parts, y, right = [], MARGIN + 62.0, 520.0
    longest = max((len(m.queries) for s in sections for m in s.matrices), default=1)
    cell = min(LARGEST_CELL, max(SMALLEST_CELL, 300.0 / longest))
    x, tallest = MARGIN, 0.0
    for section in sections:
        panels = [_panel(matrix, cell) for matrix in section.matrices]
        together = sum(panel.width + GAP for panel in panels) - GAP
        if x > MARGIN and x + together > PAGE - MARGIN:
            x, y, tallest = MARGIN, y + tallest + 30, 0.0
        parts.append(label(section.title, HEAD, "start", bold=True, role="muted").translate(x, y))
        for panel in panels:
            if x > MARGIN and x + panel.width > PAGE - MARGIN:
                x, y, tallest = MARGIN, y + tallest + 18, 0.0
            parts.append(panel.diagram.translate(x, y + 16))
            x += panel.width + GAP
            tallest, right = max(tallest, panel.height + 16), max(right, x - GAP + MARGIN)
    y += tallest + 30
    right = max(right, text_width(title, TITLE, bold=True) + 2 * MARGIN, text_width(subtitle, 12) + 2 * MARGIN)
    head = [
        label(title, TITLE, "start", bold=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
    ]
    height = y - 30 + MARGIN
    backdrop = box(right, height, radius=8).fill_color(color("paper")).line_width(0)
    diagram = chalk.concat([backdrop.translate(right / 2, height / 2), *head, *parts])
    return Picture(render(diagram, right, height, f"{title}: {subtitle}"))


def _panel(matrix: Matrix, cell: float) -> _Panel:
    """Title, note, the keys above, the queries at the left, and the cells."""
    size = min(TOKEN, 0.62 * cell)
    left = max(text_width(query, size, mono=True) for query in matrix.queries) + 10
    wide = cell * len(matrix.keys)
    notes = _wrap(matrix.note, max(left + wide, 210.0))
    parts = [label(matrix.title, HEAD, "start", bold=True).translate(0, 8)]
    y = 22.0
    for note in notes:
        parts.append(label(note, NOTE, "start", mono=True, role="muted").translate(0, y))
        y += NOTE_LINE
    y += 6
    for j, key in enumerate(matrix.keys):
        parts.append(label(key, size, mono=True).translate(left + (j + 0.5) * cell, y))
    y += 0.5 * size + 6
    for i, query in enumerate(matrix.queries):
        middle = y + (i + 0.5) * cell
        parts.append(label(query, size, "end", mono=True).translate(left - 6, middle))
        for j, weight in enumerate(matrix.weights[i]):
            parts.append(_cell(float(weight), cell, matrix, i, j).translate(left + (j + 0.5) * cell, middle))
    widest_note = max((text_width(note, NOTE, mono=True) for note in notes), default=0.0)
    width = max(left + wide, text_width(matrix.title, HEAD, bold=True), widest_note)
    return _Panel(chalk.concat(parts), width, y + cell * len(matrix.queries))


def _cell(weight: float, cell: float, matrix: Matrix, i: int, j: int) -> Diagram:
    tooltip = f"{matrix.queries[i]} at {i} looks at {matrix.keys[j]} at {j}: {weight:.3f}"
    side = cell - 1.0
    ground = box(side, side, radius=2.0, tooltip=tooltip).fill_color(color("cell"))
    ground = ground.line_color(color("line")).line_width_local(0.6)
    if weight < FAINTEST:
        return ground
    painted = box(side, side, radius=2.0, tooltip=tooltip).fill_color(color("read"))
    return ground + painted.fill_opacity(round(0.12 + 0.83 * min(weight, 1.0), 2)).line_width(0)


def _wrap(words: str, width: float) -> list[str]:
    """Lines of mono-spaced text that fit; long words are not cut."""
    lines: list[str] = []
    for word in words.split():
        if lines and text_width(f"{lines[-1]} {word}", NOTE, mono=True) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
