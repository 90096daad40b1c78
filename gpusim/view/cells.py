"""One array as a grid of cells, tinted by how often the block read and wrote them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.view.grids import Grid
from gpusim.view.model import Touched
from gpusim.view.palette import color, strength
from gpusim.view.shapes import box, label

Cell = tuple[int, int]


@dataclass(frozen=True)
class Tint:
    """How a kind of access looks and is called: a palette role and its words for one and for many."""

    role: str
    one: str
    many: str

    def say(self, count: int) -> str:
        return f"{count:,} {self.one if count == 1 else self.many}"


READ = Tint("read", "read", "reads")
WRITE = Tint("write", "write", "writes")
ATOMIC = Tint("atomic", "atomic", "atomics")
THREAD = Tint("thread", "access", "accesses")


@dataclass(frozen=True)
class Layer:
    """Counts of one kind of access per drawn cell."""

    tint: Tint
    counts: dict[Cell, int]


def layers(grid: Grid, touched: Touched) -> list[Layer]:
    """The kinds of access that occur in `touched`, in the order read, write, atomic."""
    kinds = ((READ, touched.reads), (WRITE, touched.writes), (ATOMIC, touched.atomics))
    return [Layer(tint, grid.cells(tally)) for tint, tally in kinds if tally.index.size]


def draw_cells(
    grid: Grid,
    size: float,
    name: str,
    shape: tuple[int, ...],
    shown: list[Layer],
    most: int,
    marked: set[Cell],
    inscribe: Callable[[Cell, int], str],
    faulty: Set[Cell] = frozenset(),
    others: Set[Cell] = frozenset(),
) -> Diagram:
    """The grid with its top left corner at the origin.

    `size` is the side of a cell in page units, `most` the largest count of the picture (the darkest tint),
    `marked` the cells to outline, `faulty` those of a finding, `others` those that other
    blocks use, and `inscribe` the text inside a cell, given the
    cell and its count (left out where it would not be legible). A cell with two kinds of access is split along
    its diagonal.
    """
    parts = [_sheet(grid, size)]
    touched = sorted({cell for layer in shown for cell in layer.counts})
    dot = max(1.5, size / 6)
    for row, column in sorted(others - set(touched)):
        there = box(dot, dot, radius=dot / 2).fill_color(color("muted")).fill_opacity(0.75).line_width(0)
        parts.append(there.translate((column + 0.5) * size, (row + 0.5) * size))
    tooltips = len(touched) <= 1024
    for cell in touched:
        kinds = [(layer.tint, layer.counts[cell]) for layer in shown if cell in layer.counts]
        words = None
        if tooltips:
            words = f"{name}{_subscript(grid, cell, shape)}: {', '.join(tint.say(n) for tint, n in kinds)}"
        inside = inscribe(cell, kinds[0][1]) if len(kinds) == 1 else ""
        parts.extend(_cell(kinds, size, most, words, inside, cell))
    if marked:
        parts.append(_outline(marked, size, "mark"))
    if faulty:
        parts.append(_outline(faulty, size, "fault"))
    return chalk.concat(parts)


def letters(size: float, text: str) -> float:
    """Size of the letters of a text in a cell; 0 where it would not be legible."""
    font = min(11.0, 0.5 * size, 1.45 * size / max(len(text), 1))
    return font if text and font >= 7.5 else 0.0


def _sheet(grid: Grid, size: float) -> Diagram:
    """Empty cells: the background and the lines between cells; a short last row stays short."""
    rows, columns = grid.cell_rows, grid.cell_columns
    missing = 0 if grid.bin > 1 else grid.rows * grid.columns - grid.elements
    bottom, right, step = rows * size, columns * size, (columns - missing) * size
    upper = bottom - size if missing else bottom
    corners = [(0.0, 0.0), (right, 0.0), (right, upper), (step, upper), (step, bottom), (0.0, bottom)]
    sheet = chalk.Path.from_list_of_tuples([*corners, corners[0]], closed=True).stroke().fill_color(color("cell"))
    lines = [[(x * size, 0.0), (x * size, upper if x > columns - missing else bottom)] for x in range(1, columns)]
    lines += [[(0.0, y * size), (right, y * size)] for y in range(1, rows)]
    parts = [sheet.line_color(color("line")).line_width_local(1)]
    if size >= 4 and lines:
        paths = [chalk.Path.from_list_of_tuples(ends) for ends in lines]
        parts.append(sum(paths[1:], paths[0]).stroke().line_color(color("line")).line_width_local(0.75))
    return chalk.concat(parts)


def _cell(
    kinds: list[tuple[Tint, int]], size: float, most: int, tooltip: str | None, inside: str, at: Cell
) -> Iterator[Diagram]:
    x, y = (at[1] + 0.5) * size, (at[0] + 0.5) * size
    side = size - 1.0 if size >= 6 else size
    if len(kinds) == 1:
        ((tint, count),) = kinds
        opacity = strength(count, most)
        yield _fill(box(side, side, radius=min(2.0, side / 8), tooltip=tooltip), tint, opacity).translate(x, y)
        font = letters(size, inside)
        if font:
            yield label(inside, font, role="paper" if opacity > 0.62 else "ink").translate(x, y)
        return
    half = side / 2
    first, second = kinds[0], kinds[-1]
    for tip, (tint, count) in ((-half, first), (half, second)):
        corners = [(tip, tip), (half, -half), (-half, half), (tip, tip)]
        triangle = chalk.Path.from_list_of_tuples(corners, closed=True).stroke()
        yield _fill(triangle, tint, strength(count, most)).translate(x, y)
    yield box(side, side, tooltip=tooltip).fill_color(color("paper")).fill_opacity(0.001).translate(x, y)


def _fill(shape: Diagram, tint: Tint, opacity: float) -> Diagram:
    return shape.fill_color(color(tint.role)).fill_opacity(round(opacity, 2)).line_width(0)


def _outline(cells: Set[Cell], size: float, role: str) -> Diagram:
    """A line around the region that `cells` cover: their sides that no two of them share."""
    sides = []
    for row, column in sorted(cells):
        top, left, bottom, right = row * size, column * size, (row + 1) * size, (column + 1) * size
        around = {
            (row - 1, column): [(left, top), (right, top)],
            (row + 1, column): [(left, bottom), (right, bottom)],
            (row, column - 1): [(left, top), (left, bottom)],
            (row, column + 1): [(right, top), (right, bottom)],
        }
        sides += [chalk.Path.from_list_of_tuples(ends) for cell, ends in around.items() if cell not in cells]
    outline = sum(sides[1:], sides[0]).stroke().line_color(color(role))
    width = 3.2 if role == "fault" else 2.2
    return outline.line_width_local(width if size >= 8 else width - 0.8)


def _subscript(grid: Grid, cell: Cell, shape: tuple[int, ...]) -> str:
    """`[2, 0]`, or for bins the ranges of rows and columns that the cell covers."""
    row, column = cell[0] * grid.bin, cell[1] * grid.bin
    if grid.bin == 1:
        index = np.unravel_index(row * grid.columns + column, shape or (1,))
        return f"[{', '.join(str(int(i)) for i in index)}]"
    last_row, last_column = min(row + grid.bin, grid.rows), min(column + grid.bin, grid.columns)
    return f" rows {row}–{last_row - 1}, columns {column}–{last_column - 1}"
