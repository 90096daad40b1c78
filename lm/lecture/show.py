"""One section in a notebook."""

from __future__ import annotations

from dataclasses import dataclass

from gpusim.view.themes import themed
from lm import corpus
from lm.lecture.lessons import lessons
from lm.lecture.pages import command_of, measured

STYLE = themed(
    ".lesson { --ink: light-dark(#1d2430, #e7eaf0); --muted: light-dark(#667085, #98a2b3); "
    "--line: light-dark(#e2e0da, #39404b); --accent: light-dark(#0072b2, #56b4e9); "
    "--write: light-dark(#b84e00, #f0913a); --good: light-dark(#00795f, #35c9a3); "
    "--sheet: light-dark(#ffffff, #14171c); }"
    ".lesson .scroll, .lesson pre { overflow-x: auto; } .lesson figure { margin: 1em 0; }"
    # Twice the class: more than the notebook's own rules, which align words to the right and cut them anywhere.
    ".lesson.lesson :is(th, td) { text-align: left; white-space: nowrap; } .lesson.lesson .n { text-align: right; }"
    ".lesson.lesson pre { font-family: monospace; white-space: pre-wrap; word-break: normal; overflow-wrap: anywhere; }"
)
"""The colours of `lm.lecture.picture`, as the notebook's theme has them."""


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
    body = measured(finding, command_of(name, lesson, text))
    return Shown(f'<style>{STYLE}</style><div class="lesson">{body}</div>')
