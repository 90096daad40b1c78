"""One section of the page: what the lecture claims, where, the command that shows it, and what is measured here.

To add a section, write a module in `lm/lecture/lessons/` with a LESSON, and put its name into ORDER there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lm.corpus import Split


@dataclass(frozen=True)
class Grid:
    """A table: headings, and rows of text and numbers.  `title` stands above it."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str | float | int | None]]
    title: str = ""


@dataclass(frozen=True)
class Picture:
    """svg: inline SVG that follows the page's colours, as `lm.lecture.picture.draw` returns it."""

    svg: str
    caption: str


@dataclass(frozen=True)
class Finding:
    """What was measured.

    says       paragraphs, separated by blank lines, with `code` and *emphasis*
    values     the measured numbers by name, for JSON
    grids, pictures, samples (text as it is)
    """

    says: str
    values: dict[str, float]
    grids: Sequence[Grid] = ()
    pictures: Sequence[Picture] = ()
    samples: Sequence[tuple[str, str]] = field(default=())


@dataclass(frozen=True)
class Lesson:
    """formula   1 to 5, of the lecture's five
    title     of the section
    claim     what the lecture says, in our words, or what the section shows
    place     where the lecture says so; empty for what goes beyond it
    command   shows the same in a terminal
    measure   from the page's text to the finding; takes seconds
    """

    formula: int
    title: str
    claim: str
    place: str
    command: str
    measure: Callable[[Split], Finding]
