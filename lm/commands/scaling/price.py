"""What a lower perplexity costs: FLOP, device hours, money."""

from __future__ import annotations

import argparse
import math

from lm.commands.scaling import choice
from lm.scaling.price import price

NAME = "price"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choice.add_budget(parser)
    choice.add_law(parser)
    parser.add_argument("--less", type=float, default=0.1, metavar="PERPLEXITY", help="to gain (default: %(default)s)")
    parser.add_argument("--per-hour", type=float, default=2.0, metavar="MONEY",
                        help="for a device hour, an assumption to replace by yours (default: %(default)s)")  # fmt: skip


def run(options: argparse.Namespace) -> tuple[dict, str]:
    chosen, law = choice.chinchilla(options)
    compute, device = choice.budget(options)
    found = price(law, compute, options.less, device, options.mfu, options.per_hour)
    warnings = chosen.outside(found.after)
    result = found.to_dict() | {
        "law": chosen.name,
        "device": device.title,
        "mfu": options.mfu,
        "per_hour": options.per_hour,
        "warnings": warnings,
    }
    rows = [["", "FLOP", "parameters", "tokens", "perplexity"]]
    for name, best in (("now", found.before), ("then", found.after)):
        sizes = (choice.count(best.parameters), choice.count(best.tokens))
        rows.append([name, f"{best.compute:.3g}", *sizes, f"{math.exp(best.loss):.3f}"])
    lines = [
        f"{options.less:g} less perplexity, compute-optimal, by {chosen.title}:",
        choice.table(rows),
        f"{found.compute:.3g} FLOP more: {found.hours:,.0f} hours of {device.title} at {options.mfu:.0%} of "
        f"{device.peak / 1e12:g} TFLOP/s, {found.money:,.0f} at {options.per_hour:g} an hour",
        *(f"warning: {w}" for w in warnings),
    ]
    return result, "\n".join(lines)
