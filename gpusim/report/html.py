"""Runs as HTML: a summary for notebooks, annotated source and findings, and a page of several runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape
from typing import Any

from gpusim.errors import GpusimError
from gpusim.findings.accounts import Account, accounts
from gpusim.observe.tools import ADVICE
from gpusim.report.highlight import highlight
from gpusim.report.page import Section, figure, heading, inline, page, table, table_head
from gpusim.report.tables import Row, Table, launch_facts, memory_table, shape_words, source_tables
from gpusim.view import draw
from gpusim.view.player import assets


def summary(run: Any) -> str:
    """A run in a notebook: launch, table, findings, and a picture if the launch was traced."""
    return f'<style>{_NOTEBOOK_CSS}</style><div class="gpusim">{_parts(run, with_source=False)}</div>'


def document(runs: Sequence[Any], title: str) -> str:
    """A self-contained page with a section for each run: table, findings, annotated source, picture, and its player."""
    players = [_player(run) for run in runs]
    sections = [
        Section(f"{i}. {run.kernel}" if len(runs) > 1 else run.kernel, _parts(run, with_source=True) + player)
        for i, (run, player) in enumerate(zip(runs, players, strict=True), 1)
    ]
    return page(title, sections, head=assets() if any(players) else "")


def source(run: Any) -> str:
    """Annotated source of the kernel and of the device functions it called."""
    return "".join(source_table(shown) for shown in source_tables(run))


def source_table(shown: Table) -> str:
    """One of `tables.source_tables`: counts before each line, tinted by their share of the largest."""
    code = highlight([row.cells[-1] for row in shown.rows])
    largest = [
        max((_value(row.cells[i]) for row in shown.rows), default=0) if column.additive else 0
        for i, column in enumerate(shown.columns)
    ]
    rows = (_source_row(row, html, largest) for row, html in zip(shown.rows, code, strict=True))
    body = f"{table_head(shown)}<tbody>{''.join(rows)}</tbody>"
    return f'<div class="scroll"><table class="source">{body}</table></div>'


def findings(run: Any) -> str:
    """The run's findings with their source lines; nothing when there are none."""
    return "".join(_account(item) for item in accounts(run.findings, ADVICE))


_NOTEBOOK_CSS = (
    ".gpusim table{font-variant-numeric:tabular-nums}.gpusim .n{text-align:right}"
    ".gpusim .total td{font-weight:600}"
    ".gpusim .scroll,.gpusim pre{overflow-x:auto}.gpusim pre{white-space:pre}.gpusim figure{margin:1em 0}"
    ".gpusim .account{border-left:3px solid #d55e00;padding-left:1em;margin:1em 0}"
)


def _parts(run: Any, with_source: bool) -> str:
    blocks, threads = math.prod(run.grid), math.prod(run.block)
    launch = f"grid {shape_words(run.grid)}, block {shape_words(run.block)}: {blocks * threads:,} threads"
    counted = "; ".join(f"{name} {value}" for name, value in launch_facts(run))
    return "".join(
        (
            f"<p><b><code>{escape(run.kernel)}</code></b> {launch}, {run.seconds * 1e3:,.1f} ms</p>",
            table(memory_table(run)),
            f"<p>{escape(counted)}</p>",
            findings(run) or "<p>no findings</p>",
            source(run) if with_source else "",
            _picture(run),
        )
    )


def _player(run: Any) -> str:
    """The launch to step through, if it was recorded or is small."""
    if run.recorder is None and run.again is None:
        return ""
    return f'{heading("Step by step")}<div class="wide">{run.play().fragment}</div>'


def _picture(run: Any) -> str:
    """The picture of block 0, where there is one to draw."""
    if run.trace is None:
        return ""
    try:
        svg = draw(run).svg
    except GpusimError:  # a summary without a picture, where that cannot be drawn, is still a summary
        return ""
    return figure(svg, "")


def _source_row(row: Row, html: str, largest: Sequence[float]) -> str:
    marker, *numbers, line, _ = row.cells
    cells = [f"<td>{marker}</td>"]
    for text, most in zip(numbers, largest[1:], strict=False):
        share = _value(text) / most if most else 0
        tint = f' style="background:rgba(var(--heat),{0.06 + 0.3 * share:.2f})"' if share else ""
        cells.append(f'<td class="n"{tint}>{text}</td>')
    cells += [f'<td class="n line">{line}</td>', f'<td class="text">{html}</td>']
    return f'<tr class="{row.style}">{"".join(cells)}</tr>'


def _value(text: str) -> float:
    try:
        return float(text.replace(",", ""))
    except ValueError:
        return 0.0


def _account(item: Account) -> str:
    finding = item.finding
    quotes = "\n".join(
        f"{q.line} │ {q.text}\n{' ' * len(str(q.line))} │ {' ' * q.start}{'^' * (q.stop - q.start)}"
        for q in item.quotes
    )
    times = f" ×{finding.count:,}" if finding.count > 1 else ""
    advice = f"<div><b>Fix:</b> {inline(item.fix)}</div>" if item.fix else ""
    also = f"<div>{escape(item.also)}</div>" if item.also else ""
    head = escape(f"{finding.tool}: {finding.kind}{times}, {item.where}")
    return (
        f'<div class="account"><b>{escape(finding.severity)}</b> {head}'
        f"<pre>{escape(quotes)}</pre><div>{escape(item.what)}</div>{also}{advice}</div>"
    )
