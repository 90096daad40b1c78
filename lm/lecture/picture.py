"""Pictures by Matplotlib as inline SVG whose colours are those of the page, light and dark.

Matplotlib draws with a few fixed colours, one for each role; the SVG then has the page's CSS variables in their place,
and its text stays text, in the page's font.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from lm.errors import LMError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

INK, MUTED, LINE, SHEET = "#1d2430", "#667085", "#e2e0da", "#ffffff"
SERIES = ("#0072b2", "#b84e00", "#00795f", "#98517e")
VARIABLE = {
    INK: "--ink",
    MUTED: "--muted",
    LINE: "--line",
    SHEET: "--sheet",
    SERIES[0]: "--accent",
    SERIES[1]: "--write",
    SERIES[2]: "--good",
    SERIES[3]: "--muted",
}
WIDTH, HEIGHT = 5.8, 3.4  # inches of 72 points


def draw(name: str, paint: Callable[[Axes], Any], width: float = WIDTH, height: float = HEIGHT) -> str:
    """SVG of what `paint` draws on one pair of axes.

    name    tells the picture's inner names from those of others on the same page; the same name, the same SVG
    Raises LMError when Matplotlib is missing.
    """
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise LMError("pictures need Matplotlib, which is not installed: `pip install 'gpusim[lm]'`") from None
    with matplotlib.rc_context(_style(name)):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasSVG(figure)
        paint(figure.add_subplot())
        target = io.StringIO()
        figure.savefig(target, format="svg", transparent=True, metadata={"Date": None})
    return _inline(target.getvalue())


def _style(name: str) -> Any:
    from cycler import cycler

    return {
        "svg.fonttype": "none",
        "svg.hashsalt": name,
        "font.family": "sans-serif",
        "font.size": 11,
        "text.color": INK,
        "axes.labelcolor": MUTED,
        "axes.edgecolor": LINE,
        "axes.grid": True,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.prop_cycle": cycler(color=SERIES),
        "grid.color": LINE,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "legend.frameon": False,
        "lines.linewidth": 1.8,
        "lines.markersize": 4.5,
    }


def _inline(svg: str) -> str:
    """The <svg> element alone, with CSS variables for the colours and the page's font."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    for color, variable in VARIABLE.items():
        svg = svg.replace(color, f"var({variable}, {color})")
    svg = re.sub(r"font-family: [^;\"]*sans-serif", "font-family: var(--sans, sans-serif)", svg)
    # Its style sheet would apply to the whole page.
    svg = re.sub(r"<style.*?</style>", "", svg, flags=re.DOTALL)
    # As wide as drawn, or as the screen if that is narrower.
    style = r'style="width: 100%; max-width: \1; height: auto; stroke-linejoin: round; stroke-linecap: butt"'
    svg = re.sub(r'width="([\d.]+pt)" height="[\d.]+pt"', style, svg, count=1)
    return re.sub(r"\s*\n\s*", " ", svg)
