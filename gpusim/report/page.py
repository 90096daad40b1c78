"""Self-contained pages: nothing from the network, for desktop and phone, light and dark.

A page is a list of sections; a section's HTML is put together from the functions below.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib import resources

from markdown_it import MarkdownIt

from gpusim.report.tables import Row, Table


@dataclass(frozen=True)
class Section:
    """A part of a page: heading, HTML, and the name that links to it."""

    title: str
    body: str

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", self.title.lower()).strip("-")


def page(title: str, sections: Sequence[Section], lead: str = "", footer: str = "", head: str = "") -> str:
    """One self-contained HTML page for desktop and phone, light and dark. `lead` and `footer` are `prose`.

    `head` is HTML that sections need once.
    """
    links = "".join(f'<li><a href="#{s.anchor}">{escape(s.title)}</a></li>' for s in sections)
    body = "".join(f'<section id="{s.anchor}"><h2>{escape(s.title)}</h2>{s.body}</section>' for s in sections)
    opening = f'<p class="lead">{inline(lead)}</p>' if lead else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_css()}</style>{head}</head><body>"
        f"<header><h1>{escape(title)}</h1>{opening}</header><nav><ol>{links}</ol></nav>"
        f"<main>{body}</main><footer>{prose(footer)}</footer></body></html>\n"
    )


def prose(text: str) -> str:
    """Paragraphs, separated by blank lines, of text with `code` and *emphasis*."""
    paragraphs = [" ".join(p.split()) for p in text.strip().split("\n\n")]
    return "".join(f"<p>{inline(p)}</p>" for p in paragraphs if p)


_MARKDOWN = MarkdownIt("zero").enable(["backticks", "emphasis"])


def inline(text: str) -> str:
    """Escaped text with `code` and *emphasis*."""
    return str(_MARKDOWN.renderInline(text))


def heading(text: str) -> str:
    """A heading inside a section."""
    return f"<h3>{inline(text)}</h3>"


def figure(picture: str, caption: str) -> str:
    """SVG with a caption; it scrolls sideways where the screen is narrower than is legible."""
    return f'<figure><div class="plate scroll">{picture}</div><figcaption>{inline(caption)}</figcaption></figure>'


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Large numbers with their names below one another."""
    items = "".join(f"<div><dt>{inline(name)}</dt><dd>{inline(value)}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{items}</dl>'


def bars(values: Sequence[tuple[str, float, str]]) -> str:
    """Horizontal bars, one below the other, for (name, value, value in words); values are not negative."""
    longest = max((value for _, value, _ in values), default=0) or 1
    rows = "".join(
        f'<div><span>{inline(name)}</span><i style="width:{100 * value / longest:.2f}%"></i>'
        f"<b>{inline(words)}</b></div>"
        for name, value, words in values
    )
    return f'<div class="bars">{rows}</div>'


def table(shown: Table) -> str:
    """A table; headings carry the hardware metric's name as a tooltip."""
    rows = "".join(_row(shown, row) for row in shown.rows)
    return f'<div class="scroll"><table>{table_head(shown)}<tbody>{rows}</tbody></table></div>'


def _css() -> str:
    text = resources.files("gpusim.report").joinpath("page.css").read_text(encoding="utf-8")
    return re.sub(r"\s*\n\s*", " ", text)


def table_head(shown: Table) -> str:
    """The heading row; what the hardware's profiler calls a column shows as a tooltip."""
    cells = []
    for column in shown.columns:
        kind = ' class="n"' if column.numeric else ""
        tip = f' title="{escape(column.metric)}"' if column.metric else ""
        cells.append(f"<th{kind}{tip}>{inline(column.heading)}</th>")
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _row(shown: Table, row: Row) -> str:
    cells = []
    for column, text in zip(shown.columns, row.cells, strict=True):
        kind = "n" if column.numeric else "code" if column.code else ""
        cells.append(f'<td class="{kind}">{inline(text)}</td>' if kind else f"<td>{inline(text)}</td>")
    return f'<tr class="{row.style}">{"".join(cells)}</tr>' if row.style else f"<tr>{''.join(cells)}</tr>"
