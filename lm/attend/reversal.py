"""The reversal curse: a model that has learnt "A's mother is B" does not know whose mother B is.

Facts are texts of three tokens, read and learnt from left to right:

    child  MOTHER  mother        some pairs also the other way round:  mother  CHILD  child

The pairs that are told both ways teach what CHILD means.  Of the others only one way is told; both ways are asked
(Berglund et al. 2023, "The Reversal Curse: LLMs trained on 'A is B' fail to learn 'B is A'").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from lm.attend.fitting import IGNORED, accuracy, fit
from lm.attend.induction import logits
from lm.config import modern
from lm.transformer import initial

PEOPLE = 24  # pairs of a child and a mother; half of them are told both ways


@dataclass(frozen=True)
class Reversal:
    """Share of right answers about pairs that were told one way: asked that way, and the other."""

    as_told: float
    reversed: float
    chance: float


def reversal(steps: int = 300, seed: int = 0) -> Reversal:
    """Train on the facts, then ask about them."""
    mother, child = 2 * PEOPLE, 2 * PEOPLE + 1  # the tokens of the two relations; people are 0 .. 2 PEOPLE - 1
    pairs = torch.randperm(2 * PEOPLE, generator=torch.Generator().manual_seed(seed)).view(PEOPLE, 2)
    told = torch.stack([pairs[:, 0], torch.full((PEOPLE,), mother), pairs[:, 1]], dim=1)
    turned = torch.stack([pairs[:, 1], torch.full((PEOPLE,), child), pairs[:, 0]], dim=1)
    facts = torch.cat([told, turned[: PEOPLE // 2]])

    def draw(texts: Tensor, examples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        text = texts[torch.randint(len(texts), (examples,), generator=generator)]
        return text[:, :2], torch.stack([torch.full((examples,), IGNORED), text[:, 2]], dim=1)

    config = modern(2 * PEOPLE + 2, context=2, width=32, layers=2, heads=2)
    parameters = {n: p.requires_grad_() for n, p in initial(config, torch.Generator().manual_seed(seed)).items()}
    model = partial(logits, config)
    fit(model, parameters, partial(draw, facts), steps, 0.01, seed=seed)
    only = slice(PEOPLE // 2, None)
    return Reversal(
        as_told=accuracy(model, parameters, partial(draw, told[only])),
        reversed=accuracy(model, parameters, partial(draw, turned[only])),
        chance=1 / (2 * PEOPLE),
    )
