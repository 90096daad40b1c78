"""Induction: look-up within a text, for transformers of one and two layers.

    c d a b .. a ->      what followed the last time (Elhage et al. 2021; Olsson et al. 2022, "In-context learning and
                         induction heads")

It needs two steps: one layer writes each token's predecessor beside it, the next looks for the place whose predecessor
is the present token.  One layer cannot: what it looks up by is the token at a place, not the one before.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from lm.attend.fitting import IGNORED, Model, Parameters
from lm.config import Config, modern
from lm.transformer import forward, initial

TOKENS = 12
LENGTH = 32


def induction(examples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random tokens [B, T], and for each [B, T] the one that followed when it came last; IGNORED at its first time."""
    text = torch.randint(TOKENS, (examples, LENGTH), generator=generator)
    earlier = torch.ones(LENGTH, LENGTH).tril(-1).bool() & (text[:, :, None] == text[:, None, :])  # [B, t, s]
    last = (earlier * torch.arange(1, LENGTH + 1)).amax(dim=2)  # s + 1, or 0
    return text, torch.where(last > 0, text.gather(1, last.clamp(max=LENGTH - 1)), IGNORED)


def transformer(layers: int, width: int, generator: torch.Generator) -> tuple[Model, Parameters]:
    """A modern transformer with fresh parameters."""
    config = modern(TOKENS, context=LENGTH, width=width, layers=layers, heads=2)
    parameters = {name: p.requires_grad_() for name, p in initial(config, generator).items()}
    return partial(logits, config), parameters


def logits(config: Config, parameters: Parameters, text: Tensor) -> Tensor:
    """[B, T] -> [B, T, V], with the arguments in the order that `partial` needs."""
    return forward(parameters, text, config)
