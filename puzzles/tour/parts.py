"""What the tour's sections have in common: a kernel told with its source, counts and picture."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gpusim import view
from gpusim.report.html import source_table
from gpusim.report.page import figure, heading, prose
from gpusim.report.tables import Table, source_tables

_SHOWN = ("global reads", "global writes", "shared reads", "shared writes", "line", "source")
_HOLE_MARKS = ("# HOLE", "# END HOLE")


def chapter(title: str, text: str, *parts: str) -> str:
    """A heading, what is to be said, and what is to be seen."""
    return heading(title) + prose(text) + "".join(parts)


def annotated(run: Any) -> str:
    """The kernel's source with reads and writes before each line; where the learner's hole is, is not shown."""
    return "".join(source_table(_slimmed(table)) for table in source_tables(run))


def picture(run: Any, title: str, caption: str, **choice: Any) -> str:
    """The picture of one block; `choice` is `block` and `thread` as `view.draw` takes them."""
    return figure(view.draw(run, title=title, **choice).svg, caption)


def _slimmed(table: Table) -> Table:
    kept = [i for i, column in enumerate(table.columns) if i == 0 or column.heading in _SHOWN]
    rows = tuple(
        replace(row, cells=tuple(row.cells[i] for i in kept))
        for row in table.rows
        if not row.cells[-1].lstrip().startswith(_HOLE_MARKS)
    )
    return replace(table, columns=tuple(table.columns[i] for i in kept), rows=rows)
