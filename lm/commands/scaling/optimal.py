"""The compute-optimal model for a budget, by one law and beside the others."""

from __future__ import annotations

import argparse
import math

from lm.commands.scaling import choice
from lm.scaling.law import Optimum
from lm.scaling.mixture import MixtureLaw
from lm.scaling.named import LAWS, NamedLaw, named

NAME = "optimal"
WHY = (
    "Why they differ: rounding beta from 0.2849 to 0.28 lowers the weight of parameters on the optimum line (93 "
    "against 59 tokens a parameter at 5.88e23 FLOP), and the unrounded constants are not the minimum of their own "
    "objective, which the replication is (18). Kaplan 2020 counted parameters without embeddings in small models."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    choice.add_budget(parser)
    choice.add_law(parser)
    parser.add_argument("--sparsity", type=float, help="of a mixture of experts: the part of them that rests")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    compute, device = choice.budget(options)
    chosen = named(options.law)
    best = optimum(chosen, compute, options.sparsity)
    others = {
        name: optimum(law, compute, options.sparsity)
        for name, law in LAWS.items()
        if not isinstance(law.law, MixtureLaw) or options.sparsity is not None
    }
    warnings = chosen.outside(best)
    result = best.to_dict() | {
        "law": chosen.name,
        "source": chosen.source,
        "note": chosen.note,
        "warnings": warnings,
        "others": {name: other.to_dict() for name, other in others.items()},
        "why": WHY,
    }
    if isinstance(chosen.law, MixtureLaw):
        result["active"] = best.parameters * (1 - options.sparsity)
    if options.gpus is not None:
        result["cluster"] = {"gpus": options.gpus, "days": options.days, "mfu": options.mfu, "device": device.title}
    return result, text(chosen, best, others, warnings, options.sparsity)


def optimum(law: NamedLaw, compute: float, sparsity: float | None) -> Optimum:
    """By any form of law.  Raises LMError for a mixture of experts without a sparsity."""
    if isinstance(law.law, MixtureLaw) and sparsity is not None:
        return law.law.optimum(compute, sparsity)
    return law.dense.optimum(compute)


def text(
    chosen: NamedLaw, best: Optimum, others: dict[str, Optimum], warnings: list[str], sparsity: float | None
) -> str:
    """The optimum for a terminal."""
    active = ""
    if isinstance(chosen.law, MixtureLaw) and sparsity is not None:
        active = f" in all, {choice.count(best.parameters * (1 - sparsity))} active"
    lines = [
        f"{best.compute:.3g} FLOP by {chosen.title} ({chosen.source}):",
        f"  {choice.count(best.parameters)} parameters{active}, {choice.count(best.tokens)} tokens, "
        f"{choice.ratio(best.tokens_per_parameter)} tokens a parameter",
        f"  loss {best.loss:.4f} nats a token, perplexity {math.exp(best.loss):.3f}",
        f"  {chosen.note}",
    ]
    lines += [f"  warning: {warning}" for warning in warnings]
    rows = [["law", "parameters", "tokens", "tokens/parameter", "loss"]]
    for name, other in others.items():
        numbers = (choice.count(other.parameters), choice.count(other.tokens), choice.ratio(other.tokens_per_parameter))
        rows.append([name, *numbers, f"{other.loss:.4f}"])
    return "\n".join([*lines, "", choice.table(rows), "", WHY])
