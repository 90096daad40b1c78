"""A table of many launches: one row for each kernel."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from gpusim.report.tables import Column, Row, Table, number

Value = Callable[[Mapping[str, Any]], int]
Key = tuple[str, str, int]
"""A kernel: its name, file and line."""


def _counter(space: str, *names: str) -> Value:
    return lambda counts: sum(counts[space][name] for name in names)


_COUNTERS: tuple[tuple[str, Value], ...] = (
    ("global reads", _counter("global", "loads")),
    ("global writes", _counter("global", "stores")),
    ("shared reads", _counter("shared", "loads")),
    ("shared writes", _counter("shared", "stores")),
    ("atomics", lambda counts: counts["global"]["atomics"] + counts["shared"]["atomics"]),
    ("sectors", _counter("global", "load_sectors", "store_sectors")),
    ("bank conflicts", _counter("shared", "load_bank_conflicts", "store_bank_conflicts")),
    ("divergent branches", _counter("warp", "divergent_branches", "divergent_loop_tests")),
    ("barriers", lambda counts: counts["barriers"]),
)


def launch_table(launches: Sequence[Mapping[str, Any]]) -> Table:
    """Sums over the launches of each kernel; a counter that is zero everywhere has no column."""
    groups: dict[Key, list[Mapping[str, Any]]] = {}
    for launch in launches:
        groups.setdefault((launch["kernel"], launch["file"], launch["line"]), []).append(launch)
    sums = {
        key: [sum(value(launch["counts"]) for launch in group) for _, value in _COUNTERS]
        for key, group in groups.items()
    }
    shown = [column for column in range(len(_COUNTERS)) if any(row[column] for row in sums.values())]
    columns = (Column("kernel", False), Column("launches"), Column("ms"))
    names = _names(groups)
    rows = [_row(names[key], group, [sums[key][column] for column in shown]) for key, group in groups.items()]
    if len(groups) > 1:
        totals = [sum(row[column] for row in sums.values()) for column in shown]
        rows.append(_row("all", launches, totals, "total"))
    return Table("", (*columns, *(Column(_COUNTERS[column][0]) for column in shown)), tuple(rows))


def _names(kernels: Iterable[Key]) -> dict[Key, str]:
    """What to call each kernel: its name, with its file or line where that is not enough."""
    named: dict[str, list[Key]] = {}
    for key in kernels:
        named.setdefault(key[0], []).append(key)
    names = {}
    for name, keys in named.items():
        files = {file for _, file, _ in keys}
        for key in keys:
            _, file, line = key
            place = Path(file).name if len(files) == len(keys) else f"{Path(file).name}:{line}"
            names[key] = f"{name} ({place})" if len(keys) > 1 else name
    return names


def _row(name: str, launches: Sequence[Mapping[str, Any]], counts: Sequence[int], style: str = "") -> Row:
    milliseconds = sum(launch["seconds"] for launch in launches) * 1e3
    return Row((name, number(len(launches)), f"{milliseconds:,.1f}", *map(number, counts)), style)
