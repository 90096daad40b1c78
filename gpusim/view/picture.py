"""The picture of one block: its threads, the cells it touched, and what happened between its barriers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import chalk
import numpy as np
from chalk.types import Diagram

from gpusim.view.cells import ATOMIC, READ, THREAD, WRITE, Layer, draw_cells, layers, letters
from gpusim.view.grids import Grid, array_grid
from gpusim.view.layout import COUNT, HEAD, MARGIN, NOTE, STAGE_SCALE, Column, Layout, plan
from gpusim.view.legend import draw_legend
from gpusim.view.model import Scene, Stage, scene
from gpusim.view.palette import color
from gpusim.view.shapes import box, label, text_width
from gpusim.view.svg import render
from gpusim.view.words import extent_words, index_words

LINE = 15.0
"""Distance between two lines of small text, in page units like all lengths here."""

SHORTEST_ROW = 40.0

NARROWEST = 520.0
"""Width below which a picture is not shrunk, so that its legend stays on one line."""


@dataclass(frozen=True)
class Picture:
    """A drawn launch: SVG text that notebooks show and `save` writes to a file."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def _repr_html_(self) -> str:
        """As a part of the page, whose theme no image knows; it scrolls where it would be too small to read."""
        return f'<div style="overflow-x:auto">{self.svg}</div>'

    def save(self, path: str | Path) -> Path:
        """Writes the SVG to `path` and returns it. Raises OSError when it cannot be written."""
        target = Path(path)
        target.write_text(self.svg, encoding="utf-8")
        return target


def draw(
    run: Any,
    block: int | Sequence[int] | None = None,
    thread: int | Sequence[int] | None = None,
    title: str | None = None,
) -> Picture:
    """Draws one block of a traced `run`, and outlines the cells that one of its threads touched.

    `block` and `thread` are linear indices or (x, y, z); without `block` it is that of the first finding, which is
    marked, else block 0; without `thread` it is one that touches many, if there is no finding. `title` replaces the
    kernel's name. Raises GpusimError when the launch was not traced or has no such block or thread.
    """
    shown = scene(run, block, thread)
    title = title or shown.kernel
    diagram, width, height = compose(run, shown, title)
    return Picture(render(diagram, width, height, f"{title}: {_subtitle(shown)}"))


def compose(run: Any, shown: Scene, title: str) -> tuple[Diagram, float, float]:
    """The whole picture as (diagram, width, height), with its top left corner at the origin."""
    layout, most = plan(run, shown), _busiest(shown)
    subtitle = _subtitle(shown)
    longest = max(text_width(title, 16, bold=True, mono=True), text_width(subtitle, 12))
    width = max(layout.width, NARROWEST, longest + 2 * MARGIN)

    parts = [
        label(title, 16, "start", bold=True, mono=True).translate(MARGIN, MARGIN + 8),
        label(subtitle, 12, "start", role="muted").translate(MARGIN, MARGIN + 30),
    ]
    y = MARGIN + 54
    for columns in layout.rows:
        parts.append(_heads(columns, y + 8))
        y += 14 + LINE * (1 + max(len(_notes(c.grid)) for c in columns))
        body, y = _row(run, shown, layout, columns, shown.whole, 1.0, most, y)
        parts.append(body)
    if shown.culprit is not None and shown.culprit.ghost and not layout.stages:
        parts.append(_ghost(shown.culprit.ghost, width, y + 4))
        y += 22
    if layout.stages:
        body, y = _stage_rows(run, shown, layout, most, width, y)
        parts.append(body)
    told = any(c.array and c.grid.bin == 1 and letters(c.cell, _bare(0, shown)) for c in layout.columns)
    legend, y = draw_legend(shown, most, told, width, y + 12)
    height = y + MARGIN
    backdrop = box(width, height, radius=8).fill_color(color("paper")).line_width(0)
    return chalk.concat([backdrop.translate(width / 2, height / 2), *parts, legend]), width, height


def _busiest(shown: Scene) -> int:
    """The largest number of accesses of one kind to one drawn cell."""
    counts = [
        count
        for name, touched in shown.whole.touched.items()
        for layer in layers(array_grid(shown.arrays[name].shape), touched)
        for count in layer.counts.values()
    ]
    return max(counts, default=1)


def _subtitle(shown: Scene) -> str:
    words = [
        f"grid {extent_words(shown.grid)}",
        f"block {extent_words(shown.block_dim)}",
        f"what block {index_words(shown.block, shown.grid)} reads and writes",
    ]
    if shown.thread is not None:
        words.append(f"thread {index_words(shown.thread, shown.block_dim)} outlined")
    return "  ·  ".join(words)


def _notes(grid: Grid) -> list[str]:
    return grid.note.split(", ")


def _heads(columns: Sequence[Column], y: float) -> Diagram:
    parts = []
    for column in columns:
        head = label(column.array or "threads", HEAD, bold=True, mono=column.array is not None)
        parts.append(head.translate(column.centre, y))
        for i, note in enumerate(_notes(column.grid)):
            parts.append(label(note, NOTE, role="muted").translate(column.centre, y + LINE * (i + 1)))
    return chalk.concat(parts)


def _stage_rows(run: Any, shown: Scene, layout: Layout, most: int, width: float, y: float) -> tuple[Diagram, float]:
    """A row for each stage, dashed lines for the barriers between them; returns them with the y below."""
    parts = [_rule(MARGIN, width - MARGIN, y + 4)]
    y += 22
    for position, stage in enumerate(layout.stages):
        if stage is None:
            hidden = 1 + len(shown.stages) - len(layout.stages)
            words = f"{hidden} more stages with their barriers"
            parts.append(label(words, COUNT, "start", role="muted").translate(MARGIN, y + 2))
            y += 26
            continue
        body, y = _row(run, shown, layout, layout.columns, stage, STAGE_SCALE, most, y)
        parts.append(body)
        if shown.culprit is not None and shown.culprit.ghost and shown.culprit.stage == stage.index:
            parts.append(_ghost(shown.culprit.ghost, width, y + 6))
            y += 28
        if position < len(layout.stages) - 1:
            parts.append(_barrier(stage, width, y + 6))
            y += 28
    return chalk.concat(parts), y


def _row(
    run: Any, shown: Scene, layout: Layout, columns: Sequence[Column], stage: Stage, scale: float, most: int, y: float
) -> tuple[Diagram, float]:
    """The grids that the stage touched with their counts below; returns them with the y below."""
    active = [c for c in columns if c.array is None or c.array in stage.touched]
    height = max(SHORTEST_ROW, *(c.grid.cell_rows * c.cell_at(scale) for c in active))
    parts, below = [], 0
    for column in active:
        size, grid = column.cell_at(scale), column.grid
        left = column.centre - grid.cell_columns * size / 2
        top = y + (height - grid.cell_rows * size) / 2
        parts.append(_panel(shown, column, stage, size, most).translate(left, top))
        lines = _counts(run, layout, column, stage)
        for i, (words, role) in enumerate(lines):
            text = label(words, NOTE if role == "muted" else COUNT, role=role)
            parts.append(text.translate(column.centre, y + height + LINE * (i + 0.8)))
        below = max(below, len(lines))
    if layout.stages:
        parts.append(_stage_label(shown, stage, y + height / 2))
    if stage.index is not None:
        parts.extend(_arrows(layout, stage, scale, y + height / 2))
    return chalk.concat(parts), y + height + LINE * below + 12


def _panel(shown: Scene, column: Column, stage: Stage, size: float, most: int) -> Diagram:
    grid, culprit = column.grid, shown.culprit
    blamed = (culprit is not None and culprit.stage in (None, stage.index)) or stage.index is None
    if column.array is None:
        guilty = culprit.threads if culprit is not None and blamed else ()
        marked = [] if shown.thread is None else [shown.thread]
        return draw_cells(
            grid,
            size,
            "thread",
            tuple(reversed(shown.block_dim)),
            [Layer(THREAD, grid.cells(stage.threads))],
            most=int(shown.whole.threads.count.max(initial=1)),
            marked=grid.cell_set(np.array(marked, dtype=np.int64)),
            inscribe=partial(_thread_index, shown, grid),
            faulty=grid.cell_set(np.array(guilty, dtype=np.int64)),
        )
    touched, shape = stage.touched[column.array], shown.arrays[column.array].shape
    marked_cells = grid.cell_set(touched.marked)
    there = culprit is not None and blamed and culprit.array == column.array and culprit.element is not None
    cell = [culprit.element] if culprit is not None and there else []
    faulty = grid.cell_set(np.array(cell, dtype=np.int64))
    inscribe = partial(_user, shown, grid, touched.users) if most == 1 else _count
    others = grid.cell_set(touched.others)
    return draw_cells(
        grid, size, column.array, shape, layers(grid, touched), most, marked_cells, inscribe, faulty, others
    )


def _count(cell: tuple[int, int], count: int) -> str:
    """What is written inside an array's cell elsewhere: how often it was used."""
    return str(count)


def _thread_index(shown: Scene, grid: Grid, cell: tuple[int, int], count: int) -> str:
    """What is written inside a thread's cell: its index, x first."""
    return "" if grid.bin > 1 else _bare(cell[0] * grid.columns + cell[1], shown)


def _user(shown: Scene, grid: Grid, users: dict[int, int], cell: tuple[int, int], count: int) -> str:
    """What is written inside an array's cell where none is used twice: the thread that has used it."""
    thread = users.get(cell[0] * grid.columns + cell[1])
    return "" if thread is None or grid.bin > 1 else _bare(thread, shown)


def _bare(thread: int, shown: Scene) -> str:
    return index_words(thread, shown.block_dim).strip("()").replace(" ", "")


def _counts(run: Any, layout: Layout, column: Column, stage: Stage) -> list[tuple[str, str]]:
    """Lines of text under a grid, as (words, role)."""
    if column.array is None:
        return [(f"{stage.threads.index.size:,} active", THREAD.role)]
    touched, lines = stage.touched[column.array], []
    kinds = (
        (READ, touched.reads, "loads"),
        (WRITE, touched.writes, "stores"),
        (ATOMIC, touched.atomics, "atomics"),
    )
    for tint, tally, counter in kinds:
        if not tally.total:
            continue
        lines.append((tint.say(tally.total), tint.role))
        everywhere = int(run.arrays[column.array][counter])
        if stage.index is None and everywhere != tally.total:
            lines.append((f"{everywhere:,} in all blocks", "muted"))
    arrows = layout.neighbours()
    far = [flow[0] for flow in stage.flows if flow[1] == column.array and flow not in arrows]
    if far and stage.index is not None:
        lines.append((f"from {', '.join(far)}", "muted"))
    return lines


def _stage_label(shown: Scene, stage: Stage, y: float) -> Diagram:
    if stage.index is None:
        name, detail = "all stages", f"block {index_words(shown.block, shown.grid)}"
    else:
        first, last = stage.lines[0], stage.lines[-1]
        name, detail = f"stage {stage.index}", f"line {first}" if first == last else f"lines {first}–{last}"
    head = label(name, HEAD, "start", bold=True).translate(MARGIN, y - 8)
    return head + label(detail, NOTE, "start", role="muted").translate(MARGIN, y + 9)


def _arrows(layout: Layout, stage: Stage, scale: float, y: float) -> list[Diagram]:
    """An arrow for each flow between neighbouring columns."""
    arrows = []
    for source, target in zip(layout.columns, layout.columns[1:], strict=False):
        if (source.array, target.array) in stage.flows:
            start = source.centre + source.grid.cell_columns * source.cell_at(scale) / 2 + 6
            stop = target.centre - target.grid.cell_columns * target.cell_at(scale) / 2 - 6
            shaft = chalk.make_path([(start, y), (stop - 5, y)]).line_color(color("ink"))
            head = chalk.make_path([(stop - 7, y - 4), (stop, y), (stop - 7, y + 4)], closed=True)
            arrows.append(shaft.line_width_local(1.4) + head.fill_color(color("ink")).line_width(0))
    return arrows


def _rule(left: float, right: float, y: float) -> Diagram:
    return chalk.make_path([(left, y), (right, y)]).line_color(color("line")).line_width_local(1)


def _barrier(stage: Stage, width: float, y: float) -> Diagram:
    words = "barrier" if stage.barrier_line is None else f"barrier, line {stage.barrier_line}"
    left = MARGIN + text_width(words, NOTE) + 8
    line = _rule(left, width - MARGIN, y).line_color(color("muted")).dashing([5, 4], 0)
    return label(words, NOTE, "start", role="muted").translate(MARGIN, y) + line


def _ghost(words: str, width: float, y: float) -> Diagram:
    """The barrier that is missing."""
    left = MARGIN + text_width(words, NOTE, bold=True) + 8
    line = _rule(left, width - MARGIN, y).line_color(color("fault")).line_width_local(1.6).dashing([2, 5], 0)
    return label(words, NOTE, "start", role="fault", bold=True).translate(MARGIN, y) + line
