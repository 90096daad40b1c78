"""The cheapest model of a given quality when it is also used: training and inference together."""

from __future__ import annotations

import argparse

from lm.commands.scaling import choice
from lm.scaling.inference import compare

NAME = "inference"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--parameters",
        type=float,
        default=13e9,
        help="the quality: that of the compute-optimal model of this size (default: %(default)g)",
    )
    parser.add_argument("--tokens", type=float, default=2e12, help="of inference (default: %(default)g)")
    choice.add_law(parser, "sardana-2024")


def run(options: argparse.Namespace) -> tuple[dict, str]:
    chosen, law = choice.chinchilla(options)
    usual, best = compare(law, options.parameters, options.tokens)
    saving = max(0.0, 1 - best.total / usual.total)  # no rounding error below it
    loss = float(law.loss(usual.parameters, usual.tokens))
    warnings = chosen.outside(law.optimum(usual.training))
    if best.tokens / best.parameters > 100:
        warnings.append(
            f"{best.tokens / best.parameters:.0f} tokens a parameter: laws fitted near 20 promise too much there "
            "(Sardana et al. 2024, table 1)"
        )
    result = {"law": chosen.name, "loss": loss, "inference_tokens": options.tokens, "compute_optimal": usual.to_dict(),
              "cheapest": best.to_dict(), "saving": saving, "warnings": warnings}  # fmt: skip
    rows = [["", "parameters", "tokens", "training", "inference", "total FLOP"]]
    for name, plan in (("compute-optimal", usual), ("cheapest", best)):
        costs = (f"{x:.3g}" for x in (plan.training, plan.use, plan.total))
        rows.append([name, choice.count(plan.parameters), choice.count(plan.tokens), *costs])
    said = f"loss {loss:.4f} nats a token, then {choice.count(options.tokens)} tokens of inference, by {chosen.title}"
    lines = [said, "", choice.table(rows), "", f"saves {saving:.1%}", *(f"warning: {w}" for w in warnings)]
    return result, "\n".join(lines)
