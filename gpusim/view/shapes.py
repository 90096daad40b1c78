"""Two shapes that chalk lacks: a box that can carry a tooltip, and text whose size is known.

chalk's own text has no extent and is always centred, so nothing can be laid out around it. Both shapes are
ordinary chalk shapes: chalk's combinators align them, and chalk's own backends can draw them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from chalk.core import Primitive
from chalk.shapes import Path, Shape, Text
from chalk.transform import P2, BoundingBox
from chalk.types import Diagram

from gpusim.view.palette import color

Anchor = Literal["start", "middle", "end"]

_NARROW = frozenset("iljtfrI.,:;'|!()[]/ ·")
_WIDE = frozenset("mwMW%@→←—")


def text_width(text: str, size: float, mono: bool = False, bold: bool = False) -> float:
    """Width of `text` set in `size` units, estimated on the safe side for the usual system fonts."""
    if mono:
        return 0.61 * size * len(text)
    width = sum(0.34 if c in _NARROW else 0.92 if c in _WIDE else 0.68 if c.isupper() else 0.58 for c in text)
    return width * size * (1.06 if bold else 1.0)


@dataclass
class Label(Text):
    """Text with a known extent, its origin at the middle of its left edge, its centre or its right edge."""

    anchor: Anchor = "middle"
    bold: bool = False
    mono: bool = False

    @property
    def size(self) -> float:
        assert self.font_size is not None
        return self.font_size

    def get_bounding_box(self) -> BoundingBox:
        width, height = text_width(self.text, self.size, self.mono, self.bold), self.size
        left = {"start": 0.0, "middle": -width / 2, "end": -width}[self.anchor]
        self.bb = BoundingBox([P2(left, -height / 2), P2(left + width, height / 2)])
        return self.bb


@dataclass
class Box(Shape):
    """A rectangle centred on its origin, with rounded corners and an optional tooltip."""

    width: float
    height: float
    radius: float = 0.0
    tooltip: str | None = None

    def get_bounding_box(self) -> BoundingBox:
        half = P2(self.width / 2, self.height / 2)
        return BoundingBox([-half, half])

    def accept(self, visitor: Any, **kwargs: Any) -> Any:
        visit = getattr(visitor, "visit_box", None)
        return visit(self, **kwargs) if visit else visitor.visit_path(self.outline(), **kwargs)

    def outline(self) -> Path:
        """The same rectangle as a path, square-cornered, for backends that know no boxes."""
        x, y = self.width / 2, self.height / 2
        return Path.from_list_of_tuples([(-x, -y), (x, -y), (x, y), (-x, y), (-x, -y)], closed=True)


def label(
    text: str,
    size: float,
    anchor: Anchor = "middle",
    bold: bool = False,
    mono: bool = False,
    role: str = "ink",
) -> Diagram:
    """A line of text as a diagram; `role` is a colour of the palette."""
    return Primitive.from_shape(Label(text, size, anchor, bold, mono)).fill_color(color(role)).line_width(0)


def box(width: float, height: float, radius: float = 0.0, tooltip: str | None = None) -> Diagram:
    """A rectangle as a diagram, centred on its origin."""
    return Primitive.from_shape(Box(width, height, radius, tooltip))
