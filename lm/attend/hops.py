"""One task family, and the ladder of models that ends in attention.

A text states where each of N names leads, in any order, and then names one:

    c a  d b  a d  b c   a ->      one hop: d;  two hops: b, where d leads;  three: c

The answer stands anywhere in the text, next to a word that only the question tells.

    markov        softmax of weights of the last two words (Shannon 1948, section 3, as a neural network)
    window        the last W words, one hidden layer, softmax (Bengio et al. 2003)
    hard lookup   the pair whose key matches the question best: argmax
    soft lookup   all pairs, weighted by softmax of how well they match (Graves et al. 2014; Bahdanau et al. 2015)
    k hops        the answer is the next question (Sukhbaatar et al. 2015, "End-to-end memory networks")

An argmax does not change when its arguments change a little, so its gradient is zero and hard lookup learns nothing of
what to match with what.  Softmax does change; that is why attention is soft.
"""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from lm.attend.fitting import Model, Parameters, normal
from lm.attention import softmax

NAMES = 8
WIDTH = 32
HIDDEN = 128


def chains(examples: int, generator: torch.Generator, hops: int) -> tuple[Tensor, Tensor]:
    """Texts [B, 2 N + 1] of names, and the name [B] that the last one leads to after so many hops."""
    leads = torch.rand((examples, NAMES), generator=generator).argsort(dim=1)  # a permutation each
    order = torch.rand((examples, NAMES), generator=generator).argsort(dim=1)
    pairs = torch.stack([order, leads.gather(1, order)], dim=2)  # [B, N, 2]
    question = torch.randint(NAMES, (examples, 1), generator=generator)
    answer = question
    for _ in range(hops):
        answer = leads.gather(1, answer)
    return torch.cat([pairs.flatten(1), question], dim=1), answer[:, 0]


def chance(hops: int) -> float:
    """Share of right answers of who knows the question only, and says what is likeliest: the question's own name.

    The cycle that a name is on is of each length from 1 to N equally often; so many hops end where they began if the
    length divides their number.
    """
    return sum(hops % length == 0 for length in range(1, NAMES + 1)) / NAMES


def markov(p: Parameters, text: Tensor) -> Tensor:
    """[B, 2 N + 1] -> logits [B, N]"""
    return p["before"][text[:, -2]] + p["last"][text[:, -1]]


def window(p: Parameters, text: Tensor) -> Tensor:
    """[B, 2 N + 1] -> logits [B, N], from as many words at the end as the first matrix has rows for."""
    words = len(p["hidden"]) // WIDTH
    seen = p["embedding"][text[:, -words:]].flatten(1)  # [B, W width]
    return torch.tanh(seen @ p["hidden"]) @ p["out"]


def lookup(p: Parameters, text: Tensor, hops: int, hard: bool = False) -> Tensor:
    """[B, 2 N + 1] -> logits [B, N]"""
    keys, values = p["key"][text[:, 0:-1:2]], p["value"][text[:, 1:-1:2]]  # [B, N, width] each
    state = p["query"][text[:, -1]]  # [B, width]
    for _ in range(hops):
        match = (keys @ state.unsqueeze(2)).squeeze(2)  # [B, N]
        weights = torch.nn.functional.one_hot(match.argmax(dim=1), NAMES).float() if hard else softmax(match)
        state = (weights.unsqueeze(1) @ values).squeeze(1)
    return state @ p["out"]


def models(generator: torch.Generator) -> dict[str, tuple[Model, Parameters]]:
    """The ladder, each model with fresh parameters."""
    table = (NAMES, WIDTH)
    found: dict[str, tuple[Model, Parameters]] = {
        "markov": (markov, normal(generator, before=(NAMES, NAMES), last=(NAMES, NAMES)))
    }
    for words in (3, 2 * NAMES + 1):
        shapes = {"embedding": table, "hidden": (words * WIDTH, HIDDEN), "out": (HIDDEN, NAMES)}
        found[f"window of {words}"] = window, normal(generator, **shapes)
    for hops, hard in ((1, True), (1, False), (2, False), (3, False)):
        name = "hard lookup" if hard else "soft lookup" if hops == 1 else f"{hops} hops"
        shapes = {"query": table, "key": table, "value": table, "out": (WIDTH, NAMES)}
        found[name] = partial(lookup, hops=hops, hard=hard), normal(generator, **shapes)
    return found
