"""Look-up within a text: transformers of one and two layers.

    induction   c d a b .. a ->      what followed the last time (Elhage et al. 2021; Olsson et al. 2022)
    recall      a 3 c 1 a 3 .. c ->  the value of a key, many questions a text (Arora et al. 2023, "Zoology": MQAR)

Both need two steps: one layer writes each token's predecessor beside it, the next looks for the place whose
predecessor is the present token.  One layer cannot: what it looks up by is the token at a place, not the one before.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from lm.attend.fitting import IGNORED, Model, Parameters
from lm.config import Config, modern
from lm.transformer import forward, initial

TOKENS = 12  # of induction, and values of recall
KEYS = 8
LENGTH = 32  # of a text


def induction(examples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Random tokens [B, T], and for each [B, T] the one that followed when it came last; IGNORED at its first time."""
    text = torch.randint(TOKENS, (examples, LENGTH), generator=generator)
    earlier = torch.ones(LENGTH, LENGTH).tril(-1).bool() & (text[:, :, None] == text[:, None, :])  # [B, t, s]
    last = (earlier * torch.arange(1, LENGTH + 1)).amax(dim=2)  # s + 1, or 0
    return text, torch.where(last > 0, text.gather(1, last.clamp(max=LENGTH - 1)), IGNORED)


def recall(examples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Keys, each followed by its value [B, T]: a key has the same value all through a text, and is the question for it
    from its second time on: targets [B, T], IGNORED elsewhere."""
    values = torch.randint(TOKENS, (examples, KEYS), generator=generator)
    which = torch.randint(KEYS, (examples, LENGTH // 2), generator=generator)  # [B, T / 2]
    answers = TOKENS + values.gather(1, which)
    earlier = torch.ones(LENGTH // 2, LENGTH // 2).tril(-1).bool() & (which[:, :, None] == which[:, None, :])
    asked = torch.where(earlier.any(dim=2), answers, IGNORED)
    text = torch.stack([which, answers], dim=2).flatten(1)
    return text, torch.stack([asked, torch.full_like(asked, IGNORED)], dim=2).flatten(1)


TASKS = {"induction": induction, "recall": recall}


def transformer(layers: int, width: int, generator: torch.Generator) -> tuple[Model, Parameters, Config]:
    """A modern transformer for both tasks, with fresh parameters."""
    config = modern(2 * TOKENS, context=LENGTH, width=width, layers=layers, heads=2)
    parameters = {name: p.requires_grad_() for name, p in initial(config, generator).items()}
    return partial(logits, config), parameters, config


def logits(config: Config, parameters: Parameters, text: Tensor) -> Tensor:
    """[B, T] -> [B, T, V], with the arguments in the order that `partial` needs."""
    return forward(parameters, text, config)
