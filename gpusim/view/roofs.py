"""The predicted time of a launch as four bars, one for each resource that it could be bound by."""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib
from matplotlib.figure import Figure

from gpusim.view.palette import LIGHT, rules
from gpusim.view.picture import Picture
from gpusim.view.svg import SANS, fluid

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def draw_roofs(bound: Any) -> Picture:
    """Bars of a `LowerBound`: the longest is what the launch is bound by."""
    names = list(bound.roofs)
    seconds = [bound.roofs[name].seconds for name in names]
    scale, unit = next((pair for pair in _UNITS if max(seconds) >= pair[0]), _UNITS[-1])
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "gpusim"}):
        figure = Figure(figsize=(6.4, 2.6), layout="constrained", facecolor="none")
        axes = figure.add_subplot(facecolor="none")
        colors = [LIGHT["write"] if name == bound.bound_by else LIGHT["read"] for name in names]
        bars = axes.barh(names, [second / scale for second in seconds], color=colors, height=0.62)
        texts = [
            f" {second / scale:.3g} {unit}: {bound.roofs[name].amount:,.0f} {bound.roofs[name].unit}"
            for name, second in zip(names, seconds, strict=True)
        ]
        axes.bar_label(bars, texts, color=LIGHT["ink"], fontsize=9)
        axes.set_xlim(0, max(seconds) / scale * 1.9 or 1)
        axes.invert_yaxis()
        axes.set_xlabel(f"{unit}, at least", color=LIGHT["muted"])
        title = f"{bound.kernel} on {bound.gpu}: bound by {bound.bound_by}"
        axes.set_title(title, loc="left", fontsize=11, color=LIGHT["ink"])
        axes.spines[["top", "right", "left"]].set_visible(False)
        axes.spines["bottom"].set_color(LIGHT["muted"])
        axes.tick_params(left=False, colors=LIGHT["ink"])
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None})
    return Picture(_for_pages(text.getvalue(), title))


def _for_pages(svg: str, title: str) -> str:
    """matplotlib's SVG as wide as the page allows, in the colours of light and dark pages."""
    svg = svg[svg.index("<svg") :]
    width, height = re.findall(r'(?:width|height)="([\d.]+)pt"', svg)[:2]
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    head += f'class="gpusim-plot" role="img" aria-label="{title}" '
    head += f'viewBox="0 0 {width} {height}" width="{float(width) * 4 / 3:.0f}" style="{fluid(float(width) * 4 / 3)}"'
    svg = re.sub(r"<svg[^>]*", head, svg, count=1)
    for role, value in LIGHT.items():
        svg = svg.replace(value, f"var(--{role})")
    svg = re.sub(r"font: ([^;]*)px [^;\"]*", rf"font: \1px {SANS}".replace('"', "'"), svg)
    return svg.replace("<defs>", f"<style>{rules('gpusim-plot')}</style><defs>", 1)
