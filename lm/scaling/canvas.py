"""Paper, ink and files for pictures: themes for light and dark pages, and writing a drawing as SVG, PNG or PDF.

Nothing here changes matplotlib's global state, and matplotlib is imported only to draw.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lm.errors import LMError
from lm.files import write_file

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".svg", ".png", ".pdf")
SIZE = (7.2, 4.6)  # inches
NARROW = (4.2, 4.0)  # for phones: as large a text on half the width


@dataclass(frozen=True)
class Theme:
    """Colours of a page.  `series` are told apart on it, also with the common colour blindnesses (Okabe & Ito 2008)."""

    page: str
    ink: str
    faint: str
    series: tuple[str, ...]
    sizes: tuple[float, float] | None  # part of the map from small to large that has contrast; None: shades of a series


LIGHT = Theme("#ffffff", "#1c1f24", "#d6dae0", ("#0072b2", "#d55e00", "#009e73", "#b0518c", "#7a6a00"), (0.0, 0.82))
DARK = Theme("#14171c", "#e6e8eb", "#3a404a", ("#56b4e9", "#f0975a", "#3fcf9f", "#e39ac6", "#e8d44d"), (0.25, 1.0))
THEMES = {"light": LIGHT, "dark": DARK}

Draw = Callable[["Axes", Theme], None]


def render(draw: Draw, theme: Theme, form: str = "svg", size: tuple[float, float] = SIZE) -> bytes:
    """The drawing as svg, png or pdf; the same drawing gives the same bytes of SVG.  Size in inches."""
    import matplotlib
    from matplotlib.figure import Figure

    # Text stays text in SVG; the salt makes its names of parts repeat.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "scaling", "font.size": 10.5}):
        figure = Figure(figsize=size, facecolor=theme.page, layout="constrained")
        axes = figure.add_subplot(facecolor=theme.page)
        _paper(axes, theme)
        draw(axes, theme)
        legend(axes, theme, size[0])
        file = BytesIO()
        figure.savefig(file, format=form, dpi=160, metadata={"Date": None} if form == "svg" else None)
        return file.getvalue()


@dataclass(frozen=True)
class Picture:
    """A drawing that a notebook shows, no wider than its cell."""

    draw: Draw
    theme: Theme = LIGHT

    def _repr_html_(self) -> str:
        return f'<img alt="" style="max-width:100%;height:auto" src="{data_url(render(self.draw, self.theme))}">'


def data_url(svg: bytes) -> str:
    """An SVG as the source of an image in a page."""
    return f"data:image/svg+xml;base64,{base64.b64encode(svg).decode()}"


def save(draw: Draw, path: Path, theme: Theme) -> None:
    """Draw into a file, whole or not at all.  Raises LMError for another ending or a file it cannot write."""
    if path.suffix not in SUFFIXES:
        raise LMError(f"a picture's file ends with {', '.join(SUFFIXES)}, got {path}")
    write_file(path, render(draw, theme, path.suffix[1:]))


def _paper(axes: Axes, theme: Theme) -> None:
    axes.grid(True, color=theme.faint, lw=0.6)
    axes.set_axisbelow(True)
    axes.tick_params(which="both", colors=theme.ink, labelcolor=theme.ink)
    for name, spine in axes.spines.items():
        spine.set_color(theme.faint)
        spine.set_visible(name in ("left", "bottom"))


def titles(axes: Axes, theme: Theme, x: str, y: str) -> None:
    """Name both axes."""
    axes.set_xlabel(x, color=theme.ink)
    axes.set_ylabel(y, color=theme.ink)


def name_point(axes: Axes, theme: Theme, name: str, point: tuple[float, float], **places: Any) -> None:
    """Write a name beside a point, over the lines that pass there; `places` as for matplotlib's annotate."""
    paper = {"facecolor": theme.page, "edgecolor": "none", "alpha": 0.75, "pad": 0.6}
    axes.annotate(name, point, textcoords="offset points", fontsize=8, bbox=paper, **places)


def sizes_axis(axes: Axes) -> None:
    """x from small to large models: a logarithm with names such as 20K at 1, 2 and 5 of each power of ten."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axes.xaxis.set_minor_locator(NullLocator())


def legend(axes: Axes, theme: Theme, width: float) -> None:
    """Below the axes, where it hides nothing, in as many columns as the picture's width (inches) has room for."""
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        columns = max(1, int(72 * width / (max(map(len, labels)) * 4.4 + 40)))
        axes.figure.legend(handles, labels, loc="outside lower center", ncols=min(columns, len(labels)), frameon=False,
                           labelcolor=theme.ink, fontsize=8.5)  # fmt: skip


def by_size(values: list[float], theme: Theme) -> list[Any]:
    """Colours from small to large, by the logarithm."""
    from matplotlib import colormaps
    from matplotlib.colors import to_rgba

    if not values:
        return []
    logs = np.log(np.asarray(values, np.float64))
    spread = np.ptp(logs)
    where = (logs - logs.min()) / spread if spread else np.full(len(logs), 0.5)
    if theme.sizes is None:
        return [to_rgba(theme.series[0], 0.55 + 0.45 * part) for part in where]
    low, high = theme.sizes
    return list(colormaps["viridis"](low + (high - low) * where))


def short(value: float) -> str:
    """57536 as '57.5K'."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K")):
        if value >= size:
            return f"{value / size:.3g}{letter}"
    return f"{value:.3g}"
