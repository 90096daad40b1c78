"""Multi-query associative recall: every key is asked for the value that it came with.

    b 7  d 4  a 7  c 1   d a b c ->   4 7 7 1      (Arora et al. 2023, "Zoology", section 3)

A value does not say whose it is; its key stands before it.  So a look-up by what stands at a place finds nothing: it
must look by what stood one place earlier.  Three ways to get there are two layers of attention (the first writes each
token's predecessor beside it), keys that are shifted by one place (the short convolution of Fu et al. 2023, "H3", and
Zoology's models), or pairs that come as one token, which then holds its key.

Two layers learn it late or never when they begin with many pairs: as long as the first does not know what to write,
the second does not know what to read.  With two pairs half of it is right by luck.  Hence the course: few pairs first.
Some starts stay unsolved even so: of seeds 0 to 7, the course solves the task with 0, 1, 4, 5 and 7.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor
from torch.nn import functional

from lm.attend.fitting import IGNORED, Model, Parameters, fit, normal
from lm.attend.induction import logits
from lm.attention import attention, causal_mask
from lm.config import modern
from lm.transformer import initial

KINDS = 8  # of keys, tokens 0 .. KINDS - 1, and as many of values
PAIRS = (2, 4, 8)  # the course, and what is asked at its end
ASKED = 512  # questions in a batch
WIDTH = 32
HIDDEN = 128
WINDOW = 8


def recall(examples: int, generator: torch.Generator, pairs: int) -> tuple[Tensor, Tensor]:
    """Texts [B, 3 N] of N pairs and their keys in another order; targets [B, 3 N], IGNORED but at the last N."""
    key = torch.rand((examples, KINDS), generator=generator).argsort(dim=1)[:, :pairs]  # all different
    value = KINDS + torch.randint(KINDS, (examples, pairs), generator=generator)
    order = torch.rand((examples, pairs), generator=generator).argsort(dim=1)
    told = torch.stack([key, value], dim=2).flatten(1)
    text = torch.cat([told, key.gather(1, order)], dim=1)
    return text, torch.cat([torch.full_like(told, IGNORED), value.gather(1, order)], dim=1)


def earlier(text: Tensor, places: int) -> Tensor:
    """[B, T] -> [B, T]: the token so many places before each; token 0 where there is none."""
    return functional.pad(text, (places, 0))[:, : text.shape[1]]


def markov(p: Parameters, text: Tensor) -> Tensor:
    """[B, T] -> logits [B, T, V] from the last two tokens."""
    return p["before"][earlier(text, 1)] + p["last"][text]


def window(p: Parameters, text: Tensor) -> Tensor:
    """[B, T] -> logits [B, T, V] from the last WINDOW tokens and one hidden layer."""
    seen = torch.cat([p["embedding"][earlier(text, places)] for places in range(WINDOW)], dim=2)
    return torch.tanh(seen @ p["hidden"]) @ p["out"]


def lookup(p: Parameters, text: Tensor, shift: int) -> Tensor:
    """[B, T] -> logits [B, T, V] by attention whose keys are of the tokens `shift` places before their values."""
    q, k, v = p["query"][text], p["key"][earlier(text, shift)], p["value"][text]  # [B, T, width] each
    return attention(q, k, v, causal_mask(text.shape[1], text.shape[1])) @ p["out"]


def pairs_as_tokens(model: Model, p: Parameters, text: Tensor) -> Tensor:
    """[B, 3 N] -> logits [B, 3 N, V] of a model that reads each pair as one token; 0 where nothing is asked.

    The tokens of pairs come after those of keys and values: V = 2 KINDS + KINDS^2.
    """
    told = 2 * text.shape[1] // 3
    pairs = 2 * KINDS + KINDS * text[:, 0:told:2] + text[:, 1:told:2] - KINDS  # [B, N]
    answers = model(p, torch.cat([pairs, text[:, told:]], dim=1))[:, told // 2 :]
    return functional.pad(answers, (0, 0, told, 0))


def models(generator: torch.Generator) -> dict[str, tuple[Model, Parameters]]:
    """Each model with fresh parameters."""
    tokens = 2 * KINDS
    found: dict[str, tuple[Model, Parameters]] = {
        "markov": (markov, normal(generator, before=(tokens, tokens), last=(tokens, tokens))),
        f"window of {WINDOW}": (
            window,
            normal(generator, embedding=(tokens, WIDTH), hidden=(WINDOW * WIDTH, HIDDEN), out=(HIDDEN, tokens)),
        ),
        "soft lookup": soft_lookup(tokens, 0, generator),
        "lookup, shifted keys": soft_lookup(tokens, 1, generator),
        "transformer, 1 layer": transformer(tokens, 1, generator),
        "transformer, 2 layers": transformer(tokens, 2, generator),
    }
    joined = {
        "lookup": soft_lookup(tokens + KINDS**2, 0, generator),
        "1 layer": transformer(tokens + KINDS**2, 1, generator),
    }
    for name, (model, parameters) in joined.items():
        found[f"{name}, pairs as tokens"] = partial(pairs_as_tokens, model), parameters
    return found


def soft_lookup(tokens: int, shift: int, generator: torch.Generator) -> tuple[Model, Parameters]:
    """`lookup` with fresh parameters."""
    table = (tokens, WIDTH)
    return partial(lookup, shift=shift), normal(generator, query=table, key=table, value=table, out=(WIDTH, tokens))


def transformer(tokens: int, layers: int, generator: torch.Generator) -> tuple[Model, Parameters]:
    """A modern transformer of one head with fresh parameters."""
    config = modern(tokens, context=3 * KINDS, width=WIDTH, layers=layers, heads=1)
    return partial(logits, config), {name: p.requires_grad_() for name, p in initial(config, generator).items()}


def learn(model: Model, parameters: Parameters, steps: int, seed: int, course: tuple[int, ...] = PAIRS) -> None:
    """`fit` on ever more pairs, so many steps with each, and as many questions in every batch."""
    for pairs in course:
        fit(model, parameters, partial(recall, pairs=pairs), steps, 0.01, batch=ASKED // pairs, seed=seed)
