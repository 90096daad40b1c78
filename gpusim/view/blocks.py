"""The grid of a launch, its blocks coloured by a counter: where are the slow ones?"""

from __future__ import annotations

from typing import Any

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.view.grids import thread_grid
from gpusim.view.palette import color, strength
from gpusim.view.picture import Picture
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render
from gpusim.view.words import extent_words, index_words

MARGIN = 24.0
LARGEST, SMALLEST = 44.0, 6.0
WIDEST = 560.0

_ROLES = {"loads": "read", "stores": "write", "atomics": "atomic"}


def draw_blocks(run: Any, space: str = "global", counter: str = "loads") -> Picture:
    """One cell for each block of `run` (or for each square of blocks, of a large grid): the darker, the more accesses.

    `space` and `counter` as in `Run.per_thread`; raises `ValueError` as it does.
    """
    counts = run.per_thread(space, counter).sum(axis=1)
    grid = thread_grid(tuple(run.grid))
    size = max(SMALLEST, min(LARGEST, WIDEST / grid.cell_columns))
    cells: dict[tuple[int, int], list[int]] = {}
    for block in range(len(counts)):
        row, column = divmod(block, grid.columns)
        cells.setdefault((row // grid.bin, column // grid.bin), []).append(block)
    means = {place: float(np.mean(counts[members])) for place, members in cells.items()}
    most = max(1, round(max(means.values())))
    parts: list[Diagram] = []
    for (row, column), mean in means.items():
        members = cells[row, column]
        words = f"{mean:,.0f}" if mean == int(mean) else f"{mean:,.1f}"
        name = f"block {index_words(members[0], run.grid)}" if len(members) == 1 else f"{len(members)} blocks"
        opacity = round(strength(max(1, round(mean)), most), 2) if mean else 0.0
        square = box(size - 1.5, size - 1.5, radius=min(4.0, size / 8), tooltip=f"{name}: {words} {space} {counter}")
        x, y = MARGIN + (column + 0.5) * size, MARGIN + 54 + (row + 0.5) * size
        square = square.fill_color(color(_ROLES[counter] if mean else "cell")).fill_opacity(opacity or 1.0)
        parts.append(square.line_color(color("line")).line_width_local(0.75).translate(x, y))
        letters = min(12.0, (size - 5) / (0.6 * len(words)))
        if letters >= 7:
            parts.append(label(words, letters, role="paper" if opacity > 0.62 else "ink").translate(x, y))
    least, greatest = int(counts.min()), int(counts.max())
    spread = f"{least:,} each" if least == greatest else f"{least:,} to {greatest:,}, on average {counts.mean():,.1f}"
    title, subtitle = run.kernel, f"{extent_words(run.grid)} blocks: {space} {counter} of each: {spread}"
    if grid.bin > 1:
        subtitle += f"; a cell is the mean of {grid.bin} × {grid.bin} blocks"
    parts += [
        label(title, 16, "start", bold=True, mono=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
    ]
    width = max(grid.cell_columns * size, text_width(title, 16, mono=True), text_width(subtitle, 12)) + 2 * MARGIN
    height = MARGIN + 54 + grid.cell_rows * size + MARGIN
    return Picture(render(chalk.concat(parts), width, height, f"{title}: {subtitle}"))
