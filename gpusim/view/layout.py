"""Where everything goes: columns of arrays, rows of stages, and the size of a cell."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.view.grids import Grid, array_grid, thread_grid
from gpusim.view.model import Scene, Stage
from gpusim.view.shapes import text_width

PAGE = 860.0
"""Width that fits a notebook without scrolling, in page units (pixels at full size) like all lengths here."""

MARGIN = 22.0
LABELS = 92.0
GAP = 30.0
HEAD, NOTE, COUNT = 13.0, 10.5, 11.5
LARGEST_CELL, SMALLEST_CELL = 26.0, 2.5
STAGE_SCALE = 0.8


@dataclass(frozen=True)
class Column:
    """One column of the picture: one array, or the threads where `array` is None."""

    array: str | None
    grid: Grid
    cell: float
    centre: float

    def cell_at(self, scale: float) -> float:
        """Side of a cell in a row that is drawn at `scale`."""
        return max(2.0, round(self.cell * scale, 1))


@dataclass(frozen=True)
class Layout:
    """Columns from left to right, the width they need, and the stages to draw (None: some are left out).

    `above` is an array that stands above the last column: the second factor of a matrix product.
    """

    columns: tuple[Column, ...]
    width: float
    stages: tuple[Stage | None, ...]
    above: Column | None = None

    @property
    def rows(self) -> tuple[tuple[Column, ...], ...]:
        """What stands side by side, from above."""
        return (self.columns,) if self.above is None else ((self.above,), self.columns)

    def neighbours(self) -> set[tuple[str | None, str | None]]:
        """Pairs of arrays in neighbouring columns, left first."""
        return {(a.array, b.array) for a, b in zip(self.columns, self.columns[1:], strict=False)}


def plan(run: Any, scene: Scene) -> Layout:
    """Places the columns of `scene` so that they fit a page, with equal cells where that stays legible."""
    stages = shown_stages(scene)
    left = MARGIN + (LABELS if stages else 0.0)
    arrays = ordered_arrays(scene)
    factors = None if stages else product(scene)
    names: list[str | None] = [None, *(name for name in arrays if factors is None or name != factors[1])]
    grids = [thread_grid(scene.block_dim) if n is None else array_grid(scene.arrays[n].shape) for n in names]
    texts = [_text_width(run, scene, name, grid) for name, grid in zip(names, grids, strict=True)]
    cells = _cell_sizes(grids, texts, PAGE - left - MARGIN)

    columns, x = [], left
    for name, grid, text, cell in zip(names, grids, texts, cells, strict=True):
        width = max(text, grid.cell_columns * cell)
        columns.append(Column(name, grid, cell, x + width / 2))
        x += width + GAP
    above = None
    if factors is not None:
        last = columns[-1]
        above = Column(factors[1], array_grid(scene.arrays[factors[1]].shape), last.cell, last.centre)
    return Layout(tuple(columns), x - GAP + MARGIN, stages, above)


def product(scene: Scene) -> tuple[str, str, str] | None:
    """The arrays a, b and c of a matrix product c = a b, if the outlined thread shows one: it reads a row of a and a
    column of b, and writes the element of c where they meet."""
    used = {name: touched.marked for name, touched in scene.whole.touched.items()}
    if len(used) != 3 or any(len(scene.arrays[name].shape) != 2 for name in used):
        return None
    *factors, c = ordered_arrays(scene)
    if used[c].size != 1 or scene.whole.touched[c].reads.total:
        return None
    shapes = {name: scene.arrays[name].shape for name in used}
    i, j = divmod(int(used[c][0]), shapes[c][1])
    for a, b in (factors, factors[::-1]):
        depth, columns = shapes[a][1], shapes[b][1]
        row, column = np.arange(i * depth, (i + 1) * depth), np.arange(j, shapes[b][0] * columns, columns)
        if np.array_equal(used[a], row) and np.array_equal(used[b], column) and shapes[c] == (shapes[a][0], columns):
            return a, b, c
    return None


def shown_stages(scene: Scene) -> tuple[Stage | None, ...]:
    """The stages that get a row: none without barriers, and of many the first five and the last two."""
    if len(scene.stages) < 2:
        return ()
    if len(scene.stages) <= 8:
        return scene.stages
    return (*scene.stages[:5], None, *scene.stages[-2:])


def ordered_arrays(scene: Scene) -> list[str]:
    """Arrays in reading order: each global array, then the tiles it fills; arrays only written come last."""
    tile_source: dict[str, str] = {}
    for source, target in (flow for stage in scene.stages for flow in stage.flows):
        if scene.arrays[target].space == "shared" and scene.arrays[source].space != "shared":
            tile_source.setdefault(target, source)
    order = []
    for name in sorted(scene.arrays.keys() - tile_source.keys(), key=lambda name: _rank(scene, name)):
        order.append(name)
        order.extend(tile for tile, source in tile_source.items() if source == name)
    return order


def _rank(scene: Scene, name: str) -> tuple[int, int]:
    only_written = not scene.whole.touched[name].reads.index.size
    kind = 2 if only_written else 1 if scene.arrays[name].space == "shared" else 0
    return kind, list(scene.arrays).index(name)


def _text_width(run: Any, scene: Scene, name: str | None, grid: Grid) -> float:
    """Width of the widest line of text above or below a column's grids."""
    lines = [text_width(name or "threads", HEAD, mono=name is not None, bold=True)]
    lines += [text_width(note, NOTE) for note in grid.note.split(", ")]
    if name is None:
        lines.append(text_width(f"{scene.whole.threads.index.size:,} active", COUNT))
        return max(lines)
    touched = scene.whole.touched[name]
    totals = [tally.total for tally in (touched.reads, touched.writes, touched.atomics)]
    lines += [text_width(f"{total:,} atomics", COUNT) for total in totals if total]
    if math.prod(scene.grid) > 1:
        most = max(int(run.arrays[name][counter]) for counter in ("loads", "stores", "atomics"))
        lines.append(text_width(f"{most:,} in all blocks", NOTE))
    return max(lines)


def _cell_sizes(grids: list[Grid], texts: list[float], available: float) -> list[float]:
    """Side of a cell for each column: one size for all if 8 or more fits, else what its share allows."""
    room = available - GAP * (len(grids) - 1)
    cell = min(LARGEST_CELL, 210.0 / max(grid.cell_rows for grid in grids))
    while cell >= 8.0:
        widths = [max(text, grid.cell_columns * cell) for grid, text in zip(grids, texts, strict=True)]
        if sum(widths) <= room:
            return [cell] * len(grids)
        cell -= 0.5
    share = min(room / len(grids), 190.0)
    return [
        max(SMALLEST_CELL, min(12.0, max(share, text) / grid.cell_columns, 190.0 / grid.cell_rows))
        for grid, text in zip(grids, texts, strict=True)
    ]
