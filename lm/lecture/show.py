"""One section in a notebook, on a sheet of its own."""

from __future__ import annotations

from dataclasses import dataclass

from gpusim.view.themes import themed
from lm import corpus
from lm.lecture.lessons import lessons
from lm.lecture.pages import command_of, measured

COLORS = (
    "--sheet:light-dark(#ffffff,#14171c);"
    "--ink:light-dark(#1d2430,#e7eaf0);"
    "--muted:light-dark(#667085,#98a2b3);"
    "--line:light-dark(#e2e0da,#2b313a);"
    "--accent:light-dark(#0072b2,#56b4e9);"
    "--write:light-dark(#b84e00,#f0913a);"
    "--good:light-dark(#00795f,#35c9a3);"
    "--code:light-dark(#f4f2ec,#1a1e24);"
)
"""The colours of `lm.lecture.picture`, and of a sheet to lie on."""

STYLE = themed(
    f".lecture{{{COLORS}background:var(--sheet);color:var(--ink);padding:.6rem 1.2rem;border-radius:8px}}"
    # Twice the class: more than the notebook's own rules, which align to the right and colour every second row.
    ".lecture.lecture :is(p,h3,pre,code,figcaption,table,th,td){color:var(--ink)}"
    ".lecture.lecture tr{background:none!important}.lecture .scroll{overflow-x:auto}"
    ".lecture.lecture :is(th,td){text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}"
    ".lecture.lecture .n{text-align:right;font-variant-numeric:tabular-nums}"
    ".lecture.lecture code{background:var(--code)}"
    ".lecture.lecture pre{background:none;font-family:monospace;white-space:pre-wrap;word-break:normal;"
    "overflow-wrap:anywhere}.lecture figure{margin:1rem 0}"
)
"""Light or dark as the notebook's theme is."""


@dataclass(frozen=True)
class Shown:
    """HTML that a notebook displays."""

    html: str

    def _repr_html_(self) -> str:
        return f'<style>{STYLE}</style><div class="lecture">{self.html}</div>'


def show(name: str, text: str | None = None) -> Shown:
    """Measure a section and show it.  text: a UTF-8 file (default: pydoc_data.topics)."""
    lesson = lessons((name,))[name]
    finding = lesson.measure(corpus.from_file(text) if text else corpus.builtin())
    return Shown(measured(finding, command_of(name, lesson, text)))
