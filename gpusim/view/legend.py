"""What the tints of a picture mean."""

from __future__ import annotations

from collections.abc import Sequence, Set

import chalk
from chalk.types import Diagram

from gpusim.view.cells import ATOMIC, READ, THREAD, WRITE, Cell, Layer, Tint, draw_cells
from gpusim.view.grids import array_grid
from gpusim.view.layout import COUNT, MARGIN
from gpusim.view.model import Scene
from gpusim.view.palette import color, strength
from gpusim.view.shapes import box, label, text_width

SWATCH = 13.0


def draw_legend(shown: Scene, most: int, told: bool, width: float, y: float) -> tuple[Diagram, float]:
    """Samples of every tint in the picture, wrapped to `width`, from `y` down; also returns the y below. `told`: there
    is room in the cells for threads or counts."""
    touched = shown.whole.touched.values()
    used = [(READ, "reads"), (WRITE, "writes"), (ATOMIC, "atomics")]
    items = [_sample([tint], tint.many) for tint, kind in used if any(getattr(t, kind).total for t in touched)]
    if any(set(t.reads.index) & set(t.writes.index) for t in touched):
        items.append(_sample([READ, WRITE], "both"))
    if most > 1:
        items.append(_ramp(most))
    elif told:
        items.append(_words("in a cell: the thread that uses it"))
    items.append(_sample([THREAD], "active threads"))
    if any(t.others.size for t in touched):
        items.append(_swatch("other blocks", others={(0, 0)}))
    if shown.culprit is not None:
        items.append(_swatch(f"the first finding: {shown.culprit.kind}", "fault", faulty={(0, 0)}))

    parts, x = [], MARGIN
    for item, item_width in items:
        if x > MARGIN and x + item_width > width - MARGIN:
            x, y = MARGIN, y + 22
        parts.append(item.translate(x, y + 6))
        x += item_width + 22
    return chalk.concat(parts), y + 12


def _sample(tints: list[Tint], words: str) -> tuple[Diagram, float]:
    """A cell in full strength with its meaning."""
    return _swatch(words, shown=[Layer(tint, {(0, 0): 2}) for tint in tints])


def _swatch(words: str, role: str = "ink", shown: Sequence[Layer] = (), **cells: Set[Cell]) -> tuple[Diagram, float]:
    """One cell with its meaning, and the width of both."""
    swatch = draw_cells(array_grid(()), SWATCH, "", (), list(shown), 2, set(), lambda *_: "", **cells)
    text = label(words, COUNT, "start", role=role).translate(SWATCH + 7, 0)
    return swatch.translate(0, -SWATCH / 2) + text, SWATCH + 7 + text_width(words, COUNT)


def _words(words: str) -> tuple[Diagram, float]:
    return label(words, COUNT, "start"), text_width(words, COUNT)


def _ramp(most: int) -> tuple[Diagram, float]:
    """From the faintest to the strongest tint, between the counts that they stand for."""
    words, last = "per cell: 1", f"{most:,}"
    parts = [label(words, COUNT, "start")]
    x = text_width(words, COUNT) + 6
    for count in sorted({1, most, *(round(most ** (k / 3)) for k in (1, 2))}):
        fill = box(SWATCH, SWATCH).fill_color(color("muted")).fill_opacity(round(strength(count, most), 2))
        parts.append(fill.line_width(0).translate(x + SWATCH / 2, 0))
        x += SWATCH
    parts.append(label(last, COUNT, "start").translate(x + 6, 0))
    return chalk.concat(parts), x + 6 + text_width(last, COUNT)
