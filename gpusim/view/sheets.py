"""Arrays as sheets of cells with their values: what was expected, what came out, where they differ; maps of weights."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.view.grids import Grid, array_grid
from gpusim.view.palette import color
from gpusim.view.picture import Picture
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render

MARGIN = 24.0
GAP = 40.0
LARGEST_CELL, SMALLEST_CELL = 34.0, 7.0
WIDEST = 300.0
"""Page units that one sheet is wide at most, unless its smallest cells need more."""

_LETTERS = 11.0


@dataclass(frozen=True)
class _Look:
    """Of a cell: its colour (a role of the palette), how strong it is, and whether it is outlined."""

    role: str
    opacity: float
    marked: bool = False


def difference(expected: np.ndarray, got: np.ndarray, wrong: np.ndarray, title: str) -> Picture:
    """Three sheets side by side: `expected`, `got`, and their difference, with the elements that are `wrong` (bool)
    marked in all three. The arrays have one shape; large ones are drawn in square bins of elements."""
    expected, got, wrong = np.asarray(expected), np.asarray(got), np.asarray(wrong, dtype=np.bool_)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = got.astype(np.float64) - expected.astype(np.float64)
    count = int(wrong.sum())
    subtitle = f"{count:,} of {wrong.size:,} elements differ"
    sheets = [
        ("expected", _sheet(expected, lambda cells: _Look("cell", 1.0, bool(wrong.reshape(-1)[cells].any())))),
        ("got", _sheet(got, lambda cells: _judged(wrong, cells))),
        ("got − expected", _sheet(apart, lambda cells: _judged(wrong, cells))),
    ]
    return _page(title, subtitle, sheets)


def weights(matrix: np.ndarray, title: str, rows: Sequence[str] = (), columns: Sequence[str] = ()) -> Picture:
    """A map of weights that are not negative, such as those of attention: the greater, the stronger the colour.
    `rows` and `columns` name the queries and the keys."""
    matrix = np.asarray(matrix, dtype=np.float64)
    flat, most = matrix.reshape(-1), float(matrix.max(initial=0)) or 1.0

    def look(cells: np.ndarray) -> _Look:
        return _Look("read", round(0.04 + 0.92 * float(flat[cells].max()) / most, 3))

    subtitle = f"rows ask, columns answer; the strongest colour is {value_words(most)}"
    return _page(title, subtitle, [("", _sheet(matrix.round(2), look, rows, columns))])


def _judged(wrong: np.ndarray, cells: np.ndarray) -> _Look:
    bad = bool(wrong.reshape(-1)[cells].any())
    return _Look("fault", 0.85, True) if bad else _Look("cell", 1.0)


_Sheet = tuple[Diagram, float, float]


def _sheet(
    values: np.ndarray, look: Callable[[np.ndarray], _Look], rows: Sequence[str] = (), columns: Sequence[str] = ()
) -> _Sheet:
    """The cells of an array with its top left corner at the origin, their width and height."""
    grid = array_grid(values.shape)
    size = max(SMALLEST_CELL, min(LARGEST_CELL, WIDEST / grid.cell_columns))
    size = max([size, *(text_width(name, _LETTERS) + 3 for name in columns)])
    texts = [value_words(value) for value in values.reshape(-1)] if grid.bin == 1 else []
    written = _in_cells(values, texts)
    letters = min(_LETTERS, (size - 3) / (0.61 * max(map(len, written), default=1)))
    parts: list[Diagram] = []
    left = max((text_width(name, _LETTERS) + 8 for name in rows), default=0.0)
    top = _LETTERS + 8 if columns else 0.0
    for row in range(grid.cell_rows):
        for column in range(grid.cell_columns):
            cells = _members(grid, row, column)
            if not cells.size:
                continue
            shown = look(cells)
            x, y = left + (column + 0.5) * size, top + (row + 0.5) * size
            tip = "" if grid.bin > 1 else f"[{', '.join(_index(cells[0], values.shape))}] = {texts[cells[0]]}"
            parts.append(_cell(shown, size, tip).translate(x, y))
            if texts and letters >= 6.5:
                ink = "paper" if shown.opacity > 0.6 and shown.role != "cell" else "ink"
                parts.append(label(written[cells[0]], letters, mono=True, role=ink).translate(x, y))
    parts += [label(n, _LETTERS, "end").translate(left - 6, top + (i + 0.5) * size) for i, n in enumerate(rows)]
    parts += [label(n, _LETTERS).translate(left + (i + 0.5) * size, _LETTERS / 2) for i, n in enumerate(columns)]
    return chalk.concat(parts), left + grid.cell_columns * size, top + grid.cell_rows * size


def _members(grid: Grid, row: int, column: int) -> np.ndarray:
    """The elements, by their position in C order, that a drawn cell stands for."""
    down = np.arange(row * grid.bin, min((row + 1) * grid.bin, grid.rows))
    across = np.arange(column * grid.bin, min((column + 1) * grid.bin, grid.columns))
    cells = (down[:, None] * grid.columns + across).reshape(-1)
    return cells[cells < grid.elements]


def _cell(look: _Look, size: float, tooltip: str) -> Diagram:
    side = size - 1.5 if size >= 10 else size - 0.5
    shape = box(side, side, radius=min(3.0, size / 8), tooltip=tooltip or None)
    shape = shape.fill_color(color(look.role)).fill_opacity(look.opacity)
    if look.marked:
        return shape.line_color(color("fault")).line_width_local(2.0 if size >= 10 else 1.0)
    return shape.line_color(color("line")).line_width_local(0.75)


def _page(title: str, subtitle: str, sheets: Sequence[tuple[str, _Sheet]]) -> Picture:
    """Sheets side by side, with their names above them."""
    heads = 22.0 if any(name for name, _ in sheets) else 0.0
    x, y = MARGIN, MARGIN + 48 + heads
    parts = [
        label(title, 16, "start", bold=True, mono=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
    ]
    for name, (cells, width, _) in sheets:
        if name:
            parts.append(label(name, 13, "start", bold=True).translate(x, y - 14))
        parts.append(cells.translate(x, y))
        x += max(width, text_width(name, 13, bold=True)) + GAP
    width = max(x - GAP, MARGIN + text_width(title, 16, mono=True), MARGIN + text_width(subtitle, 12)) + MARGIN
    height = y + max(tall for _, (_, _, tall) in sheets) + MARGIN
    return Picture(render(chalk.concat(parts), width, height, f"{title}: {subtitle}"))


def _in_cells(values: np.ndarray, texts: list[str]) -> list[str]:
    """Texts of values, shorter: `.5` for 0.5, and beside large values no more than three decimals."""
    if values.dtype.kind != "f":
        return texts
    large = bool((np.abs(values) >= 0.1).any())
    flat = values.reshape(-1).tolist()
    small = [large and 0 < abs(value) < 0.1 for value in flat]
    shorter = [f"{v:.3f}" if less else text for v, less, text in zip(flat, small, texts, strict=False)]
    return [re.sub(r"^(-?)0\.", r"\1.", text) for text in shorter]


def value_words(value: Any) -> str:
    """A number in few characters."""
    if isinstance(value, (bool, np.bool_)):
        return str(bool(value))
    if isinstance(value, (int, np.integer)):
        return str(int(value))
    text = f"{value:.3g}"
    return text.replace("e+0", "e").replace("e-0", "e-")


def _index(position: int, shape: tuple[int, ...]) -> list[str]:
    return [str(int(i)) for i in np.unravel_index(int(position), shape or (1,))]
