"""Options that several subcommands share: a law, a compute budget, a device; and how numbers are written."""

from __future__ import annotations

import argparse

from lm.errors import LMError
from lm.scaling import hardware, named
from lm.scaling.hardware import Device
from lm.scaling.law import Law
from lm.scaling.named import NamedLaw


def add_law(parser: argparse.ArgumentParser, default: str = named.DEFAULT) -> None:
    parser.add_argument("--law", metavar="NAME", default=default, help="see `scaling laws` (default: %(default)s)")


def chinchilla(options: argparse.Namespace) -> tuple[NamedLaw, Law]:
    """The chosen law where it has the form E + A / N^alpha + B / D^beta.  Raises LMError for another form."""
    chosen = named.named(options.law)
    law = chosen.dense
    if not isinstance(law, Law):
        raise LMError(f"{chosen.name} has no irreducible loss, which this needs: choose a law from Hoffmann's on")
    return chosen, law


def add_cluster(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", metavar="NAME", default=hardware.DEFAULT,
                        help=f"{', '.join(hardware.DEVICES)} (default: %(default)s)")  # fmt: skip
    parser.add_argument("--mfu", type=float, default=0.4, help="used part of the peak (default: %(default)s)")


def add_budget(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--compute", type=float, metavar="FLOP", help="the budget")
    parser.add_argument("--gpus", type=float, help="or: how many devices,")
    parser.add_argument("--days", type=float, help="for how long")
    add_cluster(parser)


def budget(options: argparse.Namespace) -> tuple[float, Device]:
    """The budget in FLOP, from --compute or from --gpus and --days.  Raises LMError unless it is one of the two."""
    device = hardware.device(options.device)
    if options.compute is not None:
        if options.gpus is not None or options.days is not None:
            raise LMError("give either --compute or --gpus with --days, not both")
        return options.compute, device
    if options.gpus is None or options.days is None:
        raise LMError("give a budget: --compute FLOP, or --gpus with --days")
    return hardware.cluster_compute(options.gpus, options.days, options.mfu, device), device


def count(value: float) -> str:
    """1.34e12 as '1.34 T', 7.3e10 as '73 B': three digits, with K, M, B or T."""
    for size, letter in ((1e12, " T"), (1e9, " B"), (1e6, " M"), (1e3, " K")):
        if value >= size:
            return f"{value / size:.3g}{letter}" if value / size < 1000 else f"{value / size:,.0f}{letter}"
    return f"{value:.3g}"


def ratio(value: float) -> str:
    """18.38 as '18.4', 0.0062 as '0.0062'."""
    return f"{value:.1f}" if value >= 1 else f"{value:.2g}"


def table(rows: list[list[str]]) -> str:
    """Rows of cells in columns; the first column to the left, the others to the right."""
    first, *others = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    padded = ([row[0].ljust(first), *(c.rjust(w) for c, w in zip(row[1:], others, strict=True))] for row in rows)
    return "\n".join("  ".join(row) for row in padded)
