"""Results as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- table of results/simulator.json -->", "<!-- end of table -->"


def table(rows: list[dict[str, Any]]) -> str:
    head = ["case", "loads", "gpusim", "M loads/s", "counters only", "Numba's simulator", "times faster"]
    head += ["njit loops", "times slower"]
    body = []
    for row in rows:
        other = row["numba_simulator_s"]
        body.append(
            [
                row["case"],
                f"{row['loads']:,}",
                f"{row['gpusim_s'] * 1e3:.2f} ms",
                f"{row['loads_per_s'] / 1e6:,.0f}",
                f"{row['counters_only_loads_per_s'] / 1e6:,.0f}",
                f"{other * 1e3:,.0f} ms" if other else "not run",
                f"{row['times_numba_simulator']:,.0f}" if other else "",
                f"{row['njit_s'] * 1e3:.3f} ms",
                f"{row['times_slower_than_njit']:.1f}",
            ]
        )
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(cells) + " |" for cells in body])


def write_table(readme: Path, rows: list[dict[str, Any]]) -> None:
    """Put the table between its marks in a README."""
    text = readme.read_text(encoding="utf-8")
    before, after = text[: text.index(BEGIN)], text[text.index(END) :]
    readme.write_text(f"{before}{BEGIN}\n{table(rows)}\n{after}", encoding="utf-8")
