"""chalk diagrams to SVG that fits a page: flat coordinates, real text, light and dark.

chalk's own SVG backend nests one group per transform, fixes the font and inlines every style. This one
multiplies the transforms out, writes colours as attributes (light page) that a style sheet repaints (dark
page), and keeps tooltips. It draws what the pictures use: boxes, labels, and paths of straight segments.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from chalk.style import Style
from chalk.transform import Affine, unit_x, unit_y
from chalk.types import Diagram
from chalk.visitor import DiagramVisitor

from gpusim.view.palette import role_of, rules
from gpusim.view.shapes import Box, Label

SANS = "system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif"
MONO = "ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace"
_SCOPE = "gpusim-picture"


@dataclass(frozen=True)
class Placed:
    """A primitive shape with its place on the page and its final style."""

    shape: Any
    place: Affine
    style: Style

    @property
    def box(self) -> tuple[float, float, float, float]:
        """left, top, right, bottom in page units."""
        bounds = self.shape.get_envelope().apply_transform(self.place)
        return -bounds(-unit_x), -bounds(-unit_y), bounds(unit_x), bounds(unit_y)


class _Flatten(DiagramVisitor[Any, Any]):
    """Visits a diagram in drawing order, carrying the transform and the style down to each primitive."""

    def __init__(self) -> None:
        self.placed: list[Placed] = []

    def visit_primitive(self, diagram: Any, arg: tuple[Affine, Style]) -> None:
        place, style = arg
        self.placed.append(Placed(diagram.shape, place * diagram.transform, diagram.style.merge(style)))

    def visit_empty(self, diagram: Any, arg: tuple[Affine, Style]) -> None:
        return None

    def visit_compose(self, diagram: Any, arg: tuple[Affine, Style]) -> None:
        for part in diagram.diagrams:
            part.accept(self, arg)

    def visit_apply_transform(self, diagram: Any, arg: tuple[Affine, Style]) -> None:
        place, style = arg
        diagram.diagram.accept(self, (place * diagram.transform, style))

    def visit_apply_style(self, diagram: Any, arg: tuple[Affine, Style]) -> None:
        place, style = arg
        diagram.diagram.accept(self, (place, diagram.style.merge(style)))


def flatten(diagram: Diagram) -> list[Placed]:
    """Every primitive of `diagram` in drawing order, in page coordinates."""
    visitor = _Flatten()
    diagram.accept(visitor, (Affine.identity(), Style.empty()))
    return visitor.placed


def render(diagram: Diagram, width: float, height: float, title: str) -> str:
    """SVG text of `diagram`, whose top left corner is the origin; `title` is what a screen reader says."""
    body = "".join(element for placed in flatten(diagram) for element in _element(placed))
    size = f'viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" height="{_n(height)}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{_SCOPE}" role="img" {size} '
        f'style="{fluid(width)}" font-family="{SANS}">'
        f"<title>{escape(title)}</title><style>{rules(_SCOPE)}.{_SCOPE} .m{{font-family:{MONO}}}</style>"
        f"{body}</svg>"
    )


def fluid(width: float) -> str:
    """The style of a picture that is this wide: smaller where the page is, but not too small to read."""
    return f"min-width:{0.75 * width:.0f}px;max-width:100%;height:auto"


def _n(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _paint(style: Style) -> str:
    """Fill and stroke as attributes; anything unset is not painted."""
    classes, parts = [], []
    if style.fill_color_ is None or style.fill_opacity_ == 0:
        parts.append('fill="none"')
    else:
        classes.append(f"f-{role_of(style.fill_color_)}")
        parts.append(f'fill="{style.fill_color_.hex_l}"')
        if style.fill_opacity_ is not None:
            parts.append(f'fill-opacity="{_n(style.fill_opacity_)}"')
    width = style.line_width_[1] if style.line_width_ else 0.0
    if style.line_color_ is not None and width > 0:
        classes.append(f"s-{role_of(style.line_color_)}")
        parts.append(f'stroke="{style.line_color_.hex_l}" stroke-width="{_n(width)}"')
        if style.dashing_ is not None:
            parts.append(f'stroke-dasharray="{" ".join(map(_n, style.dashing_[0]))}"')
    return f'class="{" ".join(classes)}" ' * bool(classes) + " ".join(parts)


def _element(placed: Placed) -> Iterator[str]:
    shape, place, style = placed.shape, placed.place, placed.style
    if isinstance(shape, Label):
        yield _text(shape, place, style)
    elif isinstance(shape, Box):
        yield _rect(shape, place, style)
    elif hasattr(shape, "loc_trails"):
        yield f'<path {_paint(style)} d="{_path_data(shape, place)}"/>'


def _text(shape: Label, place: Affine, style: Style) -> str:
    x, y = place * (0.0, 0.0)
    paint = _paint(style).replace('class="', 'class="m ' if shape.mono else 'class="')
    weight = ' font-weight="600"' if shape.bold else ""
    # The baseline of digits and capitals is 0.355 em below their middle in common fonts; the attribute
    # `dominant-baseline` is not supported everywhere.
    return (
        f'<text {paint} x="{_n(x)}" y="{_n(y + 0.355 * shape.size)}" font-size="{_n(shape.size)}" '
        f'text-anchor="{shape.anchor}"{weight}>{escape(shape.text)}</text>'
    )


def _rect(shape: Box, place: Affine, style: Style) -> str:
    x, y = place * (-shape.width / 2, -shape.height / 2)
    corner = f' rx="{_n(shape.radius)}"' if shape.radius else ""
    size = f'width="{_n(shape.width)}" height="{_n(shape.height)}"{corner}'
    head = f'<rect {_paint(style)} x="{_n(x)}" y="{_n(y)}" {size}'
    return f"{head}><title>{escape(shape.tooltip)}</title></rect>" if shape.tooltip else head + "/>"


def _path_data(shape: Any, place: Affine) -> str:
    pieces = []
    for located in shape.loc_trails:
        points = [place * (p.x, p.y) for p in located.points()]
        pieces.append("M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points))
        if located.trail.closed:
            pieces.append("Z")
    return "".join(pieces)
