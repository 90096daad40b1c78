"""Runs, sources and findings as text: with colours in a terminal, plain anywhere else."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from gpusim.cli import encodable
from gpusim.findings import Finding
from gpusim.findings.accounts import Account, accounts
from gpusim.findings.accounts import lines as told
from gpusim.observe.tools import ADVICE
from gpusim.places import spot
from gpusim.report.tables import Table, launch_facts, memory_table, shape_words, source_tables

Span = tuple[str, str]
"""Text and its style, in rich's notation ("bold red"; "" for none)."""

Line = list[Span]

_SEVERITY_STYLE = {"error": "bold red", "warning": "bold yellow", "note": "bold blue"}
_ROW_STYLE = {"": "", "total": "bold", "finding": "red"}
_WIDEST_SOURCE = 76


def summary(run: Any, color: bool | None = None) -> str:
    """A run in a terminal: the launch, a table of its arrays, and its findings.

    `color` adds terminal colours; by default, exactly when standard output is a terminal.
    """
    lines: list[Line] = [*_head(run), []]
    lines += _table(memory_table(run))
    facts = launch_facts(run)
    if facts:
        lines += [[], [("   ".join(f"{name} {value}" for name, value in facts), "dim")]]
    lines += [[], *_findings(run.findings)]
    return _print(lines, color)


def source(run: Any, color: bool | None = None) -> str:
    """The kernel's source, and that of the device functions it called, with counts beside each line.

    Below stand Nsight Compute's names of the columns that it has a metric for.
    """
    lines: list[Line] = []
    metrics: dict[str, str] = {}
    for table in source_tables(run):
        lines += [[(table.title, "bold")], *_table(table), []]
        metrics |= {column.heading: column.metric for column in table.columns if column.metric}
    width = max(map(len, metrics), default=0)
    lines += [[(f"{heading.ljust(width)}  {metric}", "dim")] for heading, metric in metrics.items()]
    return _print(lines if metrics else lines[:-1], color)


def table(shown: Table, color: bool | None = None) -> str:
    """A table under its title, if it has one. Backquotes, which pages show as code, are left out."""
    title: list[Line] = [[(shown.title, "bold")]] if shown.title else []
    return _print([*title, *_table(shown)], color).replace("`", "")


def findings(found: Iterable[Finding], color: bool | None = None) -> str:
    """Findings one below the other; a sentence when there are none."""
    return _print(_findings(found), color)


def _head(run: Any) -> list[Line]:
    blocks, threads = math.prod(run.grid), math.prod(run.block)
    size = f"{_some(blocks, 'block')} of {_some(threads, 'thread')}"
    launch = f"  grid {_extent(run.grid)}, block {_extent(run.block)} ({size})"
    return [
        [(run.kernel, "bold"), (launch, ""), (f"  {run.seconds * 1e3:,.1f} ms", "dim")],
        [(spot(run.file, run.line), "dim")],
    ]


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' * (count != 1)}"


def _extent(extent: Sequence[int]) -> str:
    used = max((i + 1 for i, n in enumerate(extent) if n > 1), default=1)
    return shape_words(tuple(extent)[:used])


def _table(table: Table) -> list[Line]:
    """Aligned columns, numbers to the right, with a rule under headings of at most two lines."""
    headings = [c.heading.rpartition(" ") if c.numeric else ("", "", c.heading) for c in table.columns]
    heads = [[above for above, _, _ in headings], [below for _, _, below in headings]]
    cells = [*heads[0 if any(heads[0]) else 1 :], *(_clipped(row.cells) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines: list[Line] = []
    for row in cells:
        aligned = [
            text.rjust(width) if column.numeric else text.ljust(width)
            for text, width, column in zip(row, widths, table.columns, strict=True)
        ]
        lines.append([("  ".join(aligned).rstrip(), "")])
    first = len(cells) - len(table.rows)
    styles = ["dim"] * first + [_ROW_STYLE[row.style] for row in table.rows]
    lines = [[(text, style)] for ((text, _),), style in zip(lines, styles, strict=True)]
    lines.insert(first, [("─" * (sum(widths) + 2 * (len(widths) - 1)), "dim")])
    return lines


def _clipped(cells: Sequence[str]) -> list[str]:
    return [c if len(c) <= _WIDEST_SOURCE else c[: _WIDEST_SOURCE - 1] + "…" for c in cells]


def _findings(found: Iterable[Finding]) -> list[Line]:
    lines: list[Line] = []
    for item in accounts(found, ADVICE):
        lines += [*_account(item), []]
    return lines[:-1] if lines else [[("no findings", "green")]]


def _account(item: Account) -> list[Line]:
    styles = {"severity": _SEVERITY_STYLE[item.finding.severity], "strong": "bold", "quiet": "dim", "": ""}
    return [[(piece, styles[role]) for piece, role in line] for line in told(item)]


def _print(lines: Iterable[Line], color: bool | None) -> str:
    """The lines as one string without a final newline, through rich if colours are wanted."""
    if not (sys.stdout.isatty() if color is None else color):
        return encodable("\n".join("".join(text for text, _ in line).rstrip() for line in lines))
    from rich.console import Console
    from rich.text import Text

    console = Console(force_terminal=True, color_system="standard", highlight=False, soft_wrap=True)
    with console.capture() as capture:
        for line in lines:
            console.print(Text.assemble(*line), soft_wrap=True)
    return encodable(capture.get().rstrip("\n"))
