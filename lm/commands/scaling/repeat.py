"""How to train when text is limited: model size and passes over the same tokens."""

from __future__ import annotations

import argparse
import math

from lm.commands.scaling import choice
from lm.errors import LMError
from lm.scaling.named import named
from lm.scaling.repeated import Decay, Overfitting, RepeatedLaw, best_with

NAME = "repeat"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--unique", type=float, required=True, metavar="TOKENS", help="different tokens there are")
    choice.add_budget(parser)
    parser.add_argument("--parameters", type=float, help="or: the loss of this size,")
    parser.add_argument("--tokens", type=float, help="trained on so many tokens, passes included")
    parser.add_argument(
        "--overfitting",
        type=float,
        nargs=3,
        metavar=("P", "DELTA", "KAPPA"),
        help="add P R^DELTA (N/U)^KAPPA for R repetitions (Lovelace et al. 2026) instead of Muennighoff's decay",
    )


def run(options: argparse.Namespace) -> tuple[dict, str]:
    decay = named("muennighoff-2023").law
    assert isinstance(decay, Decay)
    law: RepeatedLaw = Overfitting(decay.law, *options.overfitting) if options.overfitting else decay
    name = "lovelace-2026, on the law for fresh text of muennighoff-2023" if options.overfitting else "muennighoff-2023"
    if not 0 < options.unique < math.inf:
        raise LMError(f"--unique must be a number above 0, got {options.unique}")
    if (options.parameters is None) != (options.tokens is None):
        raise LMError("give --parameters together with --tokens, or a budget")
    if options.parameters is not None:
        return single(law, name, options)
    compute, _ = choice.budget(options)
    best = best_with(law, compute, options.unique)
    fresh = decay.law.optimum(compute)
    once = float(law.loss(fresh.parameters, fresh.tokens, options.unique))
    result = best.to_dict() | {
        "law": name,
        "U": options.unique,
        "epochs": max(best.tokens / options.unique, 1.0),
        "unlimited": fresh.to_dict(),
        "unlimited_choice_on_limited_text": once,
    }
    lines = [
        f"{compute:.3g} FLOP and {choice.count(options.unique)} different tokens, by {name}:",
        f"  {choice.count(best.parameters)} parameters, {choice.count(best.tokens)} tokens, "
        f"{max(best.tokens / options.unique, 1):.1f} passes, loss {best.loss:.4f}",
        f"  with fresh text throughout: {choice.count(fresh.parameters)} parameters, {choice.count(fresh.tokens)} "
        f"tokens, loss {fresh.loss:.4f}",
        f"  that choice on the limited text: loss {once:.4f}",
    ]
    return result, "\n".join(lines)


def single(law: RepeatedLaw, name: str, options: argparse.Namespace) -> tuple[dict, str]:
    """The loss of one N, D and U."""
    for option in ("parameters", "tokens"):
        if not 0 < getattr(options, option) < math.inf:
            raise LMError(f"--{option} must be a number above 0, got {getattr(options, option)}")
    loss = float(law.loss(options.parameters, options.tokens, options.unique))
    result = {"law": name, "N": options.parameters, "D": options.tokens, "U": options.unique, "loss": loss}
    return result, f"loss {loss:.6f} nats a token, by {name}"
