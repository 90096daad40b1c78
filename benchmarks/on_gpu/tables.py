"""The results file as Markdown, for benchmarks/README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

NOT_MEASURED = "Not measured yet."


def render(results: Mapping[str, Any]) -> str:
    """All sections; one whose part of the results is missing says why."""
    device = results["device"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    parts = [f"Measured on {device['name']} (compute capability {device['cc']}); {versions}."]
    for title, key, section in (
        ("Results", "agreements", _agreements),
        ("Counters", "counters", _counters),
        ("Times", "times", _times),
        ("Defects", "defects", _defects),
    ):
        rows = results.get(key)
        missing = results["missing"].get(key, NOT_MEASURED)
        parts.append(f"### {title}\n\n{section(rows) if rows else missing}")
    return "\n\n".join(parts) + "\n"


def _agreements(rows: Sequence[Mapping[str, Any]]) -> str:
    agree = sum(row["agrees"] for row in rows)
    lines = [f"{agree} of {len(rows)} launches leave the same on the GPU and on the simulator."]
    bad = [
        [
            row["launch"],
            f"{row['different']:,} of {row['elements']:,}",
            f"{row['largest_difference']:.3g}",
            row["problem"],
        ]
        for row in rows
        if not row["agrees"]
    ]
    return "\n\n".join([*lines, *([_table(("launch", "different", "by up to", "problem"), bad)] if bad else [])])


def _counters(rows: Sequence[Mapping[str, Any]]) -> str:
    total, equal = Counter(row["counter"] for row in rows), Counter(row["counter"] for row in rows if row["equal"])
    summary = _table(("counter", "launches", "equal"), [[name, str(n), str(equal[name])] for name, n in total.items()])
    different = [
        [row["launch"], row["counter"], f"{row['simulator']:,}", f"{row['ncu']:,}", row["why"]]
        for row in rows
        if not row["equal"]
    ]
    if not different:
        return summary
    return f"{summary}\n\n{_table(('launch', 'counter', 'gpusim', 'ncu', 'usual reason'), different)}"


def _times(rows: Sequence[Mapping[str, Any]]) -> str:
    return _table(
        ("launch", "measured", "lower bound", "bound by", "measured / bound", "torch", "measured / torch"),
        [
            [
                row["launch"],
                _microseconds(row["seconds"]),
                _microseconds(row["lower_bound"]),
                row["bound_by"],
                _ratio(row["of_bound"]),
                _microseconds(row["torch_seconds"]),
                _ratio(row["seconds"] / row["torch_seconds"] if row["torch_seconds"] else None),
            ]
            for row in rows
        ],
    )


def _defects(rows: Sequence[Mapping[str, Any]]) -> str:
    tools = sorted({row["tool"] for row in rows})
    body = []
    for tool in tools:
        mine = [row for row in rows if row["tool"] == tool]
        body.append([tool, str(len(mine)), *(str(sum(row[who] for row in mine)) for who in ("gpusim", "sanitizer"))])
    missed = [[row["defect"], row["tool"], row["note"]] for row in rows if row["gpusim"] and not row["sanitizer"]]
    found = [[row["defect"], row["tool"], row["note"]] for row in rows if row["sanitizer"] and not row["gpusim"]]
    parts = [_table(("tool", "defects", "gpusim reports", "compute-sanitizer reports"), body)]
    for title, names in (("Only gpusim reports:", missed), ("Only compute-sanitizer reports:", found)):
        if names:
            parts.append(f"{title}\n\n{_table(('defect', 'tool', 'note'), names)}")
    return "\n\n".join(parts)


def _microseconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds * 1e6:,.1f} µs"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _table(heads: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    heads = list(heads)
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
