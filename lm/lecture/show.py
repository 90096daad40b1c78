"""One section in a notebook.

A notebook's theme cannot be asked for, so a section lies on a sheet of its own, light or dark as the system is.
"""

from __future__ import annotations

from dataclasses import dataclass

from lm import corpus
from lm.lecture.lessons import lessons
from lm.lecture.pages import command_of, measured

LIGHT = (
    "--sheet:#ffffff;--ink:#1d2430;--muted:#667085;--line:#e2e0da;--accent:#0072b2;--write:#b84e00;--good:#00795f;"
    "--code:#f4f2ec"
)
DARK = (
    "--sheet:#14171c;--ink:#e7eaf0;--muted:#98a2b3;--line:#2b313a;--accent:#56b4e9;--write:#f0913a;--good:#35c9a3;"
    "--code:#1a1e24"
)
STYLE = (
    f".lecture{{{LIGHT};background:var(--sheet);color:var(--ink);padding:.6rem 1.2rem;border-radius:8px}}"
    f"@media (prefers-color-scheme:dark){{.lecture{{{DARK}}}}}"
    # Twice the class: more than the notebook's own rules, which align to the right and colour every second row.
    ".lecture.lecture :is(p,h3,pre,code,figcaption,table,th,td){color:var(--ink)}"
    ".lecture.lecture tr{background:none!important}.lecture .scroll{overflow-x:auto}"
    ".lecture.lecture :is(th,td){text-align:left;white-space:nowrap;border-bottom:1px solid var(--line)}"
    ".lecture.lecture .n{text-align:right;font-variant-numeric:tabular-nums}"
    ".lecture.lecture code{background:var(--code)}"
    ".lecture.lecture pre{background:none;font-family:monospace;white-space:pre-wrap;word-break:normal;"
    "overflow-wrap:anywhere}.lecture figure{margin:1rem 0}"
)


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
