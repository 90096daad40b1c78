"""The numbers of a run as tables: one model, rendered by `text` for terminals and by `html` for pages.

A column that is empty for the whole run is left out, so that a table is as small as the kernel is simple.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SPACES = ("global", "shared", "constant", "local")


@dataclass(frozen=True)
class Column:
    """A heading; whether cells are numbers, whether these add up over rows, and whether cells are code.

    `metric` is Nsight Compute's name of the quantity, if it has one.
    """

    heading: str
    numeric: bool = True
    additive: bool = True
    code: bool = False
    metric: str = ""


LANES = Column("active lanes", additive=False, metric="smsp__thread_inst_executed_per_inst_executed.ratio")


@dataclass(frozen=True)
class Row:
    """Cells as text, one per column; `style` is "", "total" or "finding"."""

    cells: tuple[str, ...]
    style: str = ""


@dataclass(frozen=True)
class Table:
    """A titled table; every row has as many cells as there are columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Quantity:
    """One number of an array or a line, computed from its counters; None where it does not apply."""

    column: Column
    value: Callable[[Mapping[str, Any]], float | None]


def number(value: float | None) -> str:
    """`1,024` for whole numbers, one decimal otherwise, nothing for zero and None."""
    if not value:
        return ""
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"


def memory_table(run: Any) -> Table:
    """Reads, writes and their cost for every array of the run, with totals per address space."""
    threads = math.prod(run.grid) * math.prod(run.block)
    quantities = _memory_quantities(threads)
    arrays = {name: a for space in SPACES for name, a in run.arrays.items() if a["space"] == space}
    spaces = [s for s in SPACES if sum(a["space"] == s for a in arrays.values()) > 1]
    counted = [*arrays.values(), *(run.counts[space] for space in spaces)]
    kept = [q for q in quantities if any(q.value(c) for c in counted)]

    columns = (
        Column("array", False, code=True),
        Column("space", False),
        Column("shape", False),
        Column("dtype", False),
    )
    rows = [
        Row((name, a["space"], shape_words(a["shape"]), str(a["dtype"]), *(number(q.value(a)) for q in kept)))
        for name, a in arrays.items()
    ]
    rows += [
        Row(("all", space, "", "", *(number(q.value(run.counts[space])) for q in kept)), "total") for space in spaces
    ]
    return Table("memory", (*columns, *(q.column for q in kept)), tuple(rows))


def source_tables(run: Any) -> list[Table]:
    """One table for each function of the run: its lines with what they read, wrote and cost.

    The first column is a marker ("→" at a line with a finding); counts follow; the last two are the line's
    number and its text without the function's own indentation.
    """
    marked = {(finding.file, finding.line) for finding in run.findings}
    return [_source_table(run, block, marked) for block in run.sources]


def _source_table(run: Any, block: Any, marked: set[tuple[str, int]]) -> Table:
    numbers = range(block.first_line, block.first_line + len(block.lines))
    counters = [_line_counters(run, block.file, line) for line in numbers]
    kept = [q for q in _line_quantities() if _is_telling(q, counters)]
    rows = []
    for line, text, counts in zip(numbers, _dedent(block.lines), counters, strict=True):
        found = (block.file, line) in marked
        values = (number(quantity.value(counts)) for quantity in kept)
        rows.append(Row(("→" if found else "", *values, str(line), text), "finding" if found else ""))
    columns = (Column("", False), *(q.column for q in kept), Column("line"), Column("source", False))
    return Table(block.name, columns, tuple(rows))


def _is_telling(quantity: Quantity, counters: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a column says anything: some value is not zero, and lanes are not the same on every line."""
    values = {value for counts in counters if (value := quantity.value(counts))}
    return len(values) > (quantity.column is LANES)


def launch_facts(run: Any) -> list[tuple[str, str]]:
    """What else the run counted, as (name, value) pairs: barriers, divergence, active lanes."""
    warp = run.counts["warp"]
    facts = [("barriers", number(run.counts["barriers"]))]
    for name, total in (("branches", warp["branches"]), ("loop tests", warp["loop_tests"])):
        diverged = warp["divergent_branches" if name == "branches" else "divergent_loop_tests"]
        facts.append((name, f"{total:,} ({diverged:,} divergent)" if total else ""))
    if warp["instructions"]:
        facts.append(("lanes active", f"{warp['active_lanes'] / warp['instructions']:.1f} of 32"))
    return [(name, value) for name, value in facts if value]


def shape_words(shape: Sequence[int]) -> str:
    """`6×6`, or `scalar` for no dimensions."""
    return "×".join(map(str, shape)) or "scalar"


def ratio(above: str, below: str) -> Callable[[Mapping[str, Any]], float | None]:
    """One counter divided by another, rounded to one decimal; None where the divisor is zero or absent."""

    def value(counts: Mapping[str, Any]) -> float | None:
        return round(counts[above] / counts[below], 1) if counts.get(below) and above in counts else None

    return value


def total(*counters: str) -> Callable[[Mapping[str, Any]], float | None]:
    """The sum of some counters, absent ones being zero."""

    def value(counts: Mapping[str, Any]) -> float | None:
        return sum(counts.get(counter, 0) for counter in counters)

    return value


def _memory_quantities(threads: int) -> list[Quantity]:
    def per_thread(counts: Mapping[str, Any]) -> float | None:
        return round(counts["loads"] / threads, 1)

    return [
        Quantity(Column("reads"), total("loads")),
        Quantity(Column("writes"), total("stores")),
        Quantity(Column("atomics"), total("atomics")),
        Quantity(Column("reads per thread"), per_thread),
        Quantity(Column("requests", metric=_GLOBAL.format("requests", "ld")), total("load_requests")),
        Quantity(Column("sectors per read", additive=False), ratio("load_sectors", "load_requests")),
        Quantity(Column("sectors per write", additive=False), ratio("store_sectors", "store_requests")),
        Quantity(
            Column("conflicts", metric=_SHARED.format("bank_conflicts", "ld")),
            total("load_bank_conflicts", "store_bank_conflicts"),
        ),
    ]


def _line_quantities() -> list[Quantity]:
    plain = [
        Quantity(Column(f"{space} {words}"), total(f"{space}_{counter}"))
        for space in SPACES
        for counter, words in (("loads", "reads"), ("stores", "writes"), ("atomics", "atomics"))
    ]
    return [
        *plain,
        Quantity(
            Column("sectors per read", additive=False, metric=_GLOBAL.format("sectors", "ld")),
            ratio("global_load_sectors", "global_load_requests"),
        ),
        Quantity(
            Column("sectors per write", additive=False, metric=_GLOBAL.format("sectors", "st")),
            ratio("global_store_sectors", "global_store_requests"),
        ),
        Quantity(
            Column("conflicts", metric=_SHARED.format("bank_conflicts", "ld")),
            total("shared_load_bank_conflicts", "shared_store_bank_conflicts"),
        ),
        Quantity(
            Column("divergent tests", metric="smsp__sass_branch_targets_threads_divergent.sum"),
            total("divergent_branches", "divergent_loop_tests"),
        ),
        Quantity(LANES, ratio("active_lanes", "instructions")),
    ]


# Names of Nsight Compute's metrics (Nsight Compute documentation, "Metrics Reference", L1/TEX tables).
_GLOBAL = "l1tex__t_{}_pipe_lsu_mem_global_op_{}.sum"
_SHARED = "l1tex__data_{}_pipe_lsu_mem_shared_op_{}.sum"


def _line_counters(run: Any, file: str, line: int) -> Mapping[str, Any]:
    return run.lines.get(line if file == run.file else (file, line), {})


def _dedent(lines: Iterable[str]) -> list[str]:
    """The lines without their common indentation, and without line ends."""
    lines = [line.rstrip() for line in lines]
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    return [line[min(indents, default=0) :] for line in lines]
