"""Known models beside the compute-optimal ones of the same budget."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from lm.commands.scaling import choice
from lm.scaling.models import MODELS

NAME = "models"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choice.add_law(parser)


def run(options: argparse.Namespace) -> tuple[dict, str]:
    chosen, law = choice.chinchilla(options)
    result, lines = [], []
    rows = [["model", "year", "N", "D", "D/N", "C quoted", "6 N D", "N_opt", "D_opt"]]
    for model in MODELS:
        best = model.optimum(law)
        result.append(model.to_dict() | {"optimum": best.to_dict() if best else None})
        numbers = (
            known(model.tokens, choice.count),
            known(model.tokens and model.tokens / model.parameters, choice.ratio),
            known(model.compute, "{:.2e}".format),
            known(model.six_nd, "{:.2e}".format),
            known(best.parameters if best else None, choice.count),
            known(best.tokens if best else None, choice.count),
        )
        rows.append([model.name, str(model.year), choice.count(model.parameters), *numbers])
        lines += [f"{model.name}: {model.note}", f"  {model.source}"]
    table = choice.table(rows)
    said = f"N_opt and D_opt: what {chosen.title} makes of 6 N D. '-': not published."
    return {"law": chosen.name, "models": result}, "\n".join([table, "", said, "", *lines])


def known(value: float | None, form: Callable[[float], str]) -> str:
    """The value in a form, or a dash."""
    return "-" if value is None else form(value)
