"""One section in a notebook."""

from __future__ import annotations

from dataclasses import dataclass

from lm import corpus
from lm.lecture.lessons import lessons
from lm.lecture.pages import command_of, section


@dataclass(frozen=True)
class Shown:
    """HTML that a notebook displays."""

    html: str

    def _repr_html_(self) -> str:
        return self.html


def show(name: str, text: str | None = None) -> Shown:
    """Measure a section and show it.  text: a UTF-8 file (default: pydoc_data.topics)."""
    lesson = lessons((name,))[name]
    finding = lesson.measure(corpus.from_file(text) if text else corpus.builtin())
    return Shown(section(lesson, finding, command_of(name, lesson, text)))
