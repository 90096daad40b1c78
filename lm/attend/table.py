"""Which model solves which task, at which size: the experiments of this room in three tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import torch

from lm.attend import recall
from lm.attend.fitting import Parameters, accuracy, fit
from lm.attend.hops import chains, chance, models
from lm.attend.induction import TOKENS, induction, transformer

HOPS = (1, 2, 3)


@dataclass(frozen=True)
class Result:
    """A model's share of right answers on fresh examples of a task; chance: that of the best guess without the text."""

    task: str
    model: str
    parameters: int
    accuracy: float
    chance: float


def hops_table(steps: int = 700, seed: int = 0) -> Iterator[Result]:
    """Every model of `lm.attend.hops` on tasks of one, two and three hops, trained for so many steps a hop."""
    for hops in HOPS:
        draw = partial(chains, hops=hops)
        for name, (model, parameters) in models(torch.Generator().manual_seed(seed)).items():
            fit(model, parameters, draw, steps * hops, 0.02, seed=seed)
            right = accuracy(model, parameters, draw)
            yield Result(f"{hops} hop{'s' if hops > 1 else ''}", name, size(parameters), right, chance(hops))


def induction_table(steps: int = 500, seed: int = 0) -> Iterator[Result]:
    """Transformers of one and two layers on `lm.attend.induction`."""
    for layers in (1, 2):
        model, parameters = transformer(layers, 32, torch.Generator().manual_seed(seed))
        fit(model, parameters, induction, steps, 0.01, batch=64, seed=seed)
        name = f"transformer, {layers} layer{'s' if layers > 1 else ''}"
        yield Result("induction", name, size(parameters), accuracy(model, parameters, induction), 1 / TOKENS)


def recall_table(steps: int = 200, seed: int = 0) -> Iterator[Result]:
    """Every model of `lm.attend.recall`, trained on ever more pairs, asked about few and many."""
    for name, (model, parameters) in recall.models(torch.Generator().manual_seed(seed)).items():
        recall.learn(model, parameters, steps, seed)
        for pairs in recall.PAIRS:
            right = accuracy(model, parameters, partial(recall.recall, pairs=pairs))
            yield Result(f"{pairs} pairs", name, size(parameters), right, 1 / recall.KINDS)


def size(parameters: Parameters) -> int:
    """Number of scalars."""
    return sum(p.numel() for p in parameters.values())
