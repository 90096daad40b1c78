"""What IsoFLOP parabolas make of a law's own points, without noise, as the sizes spread."""

from __future__ import annotations

import argparse
from dataclasses import asdict

from lm.commands.scaling import choice
from lm.scaling.isoflop import bias

NAME = "bias"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choice.add_law(parser, "hoffmann-2022")
    parser.add_argument("--width", type=float, nargs="+", default=[1.5, 3, 6, 12, 24, 48], metavar="FACTOR",
                        help="sizes to both sides of the centre (default: 1.5 to 48)")  # fmt: skip


def run(options: argparse.Namespace) -> tuple[dict, str]:
    chosen, law = choice.chinchilla(options)
    found = bias(law, options.width)
    rows = [["width", "exponent", "true", "N_opt found / true"]]
    rows += [
        [f"{b.width:g}", f"{b.exponent:.5f}", f"{b.true_exponent:.5f}", f"{b.parameters_ratio:.4f}"] for b in found
    ]
    said = f"Parabolas through noiseless points of {chosen.title}; N_opt extrapolated to {found[0].compute:.3g} FLOP:"
    return {"law": chosen.name, "widths": [asdict(b) for b in found]}, said + "\n" + choice.table(rows)
