"""Perplexity tracks the quality of translations: both, again and again, while a translator learns.

The perplexity is of the right translations' words, given the source and the right words before; quality is the share of
held-out sentences that greedy decoding translates without a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lm.perplexity import perplexity
from lm.training.optimizers import Optimizers
from lm.training.options import Options
from lm.training.schedule import rate_factor
from lm.transformer import cross_entropy
from lm.translate.languages import SOURCE, START, TARGET, WORDS, sentences
from lm.translate.model import Translator, decode, encode, translate


@dataclass(frozen=True)
class Point:
    """Held-out perplexity, and the shares of words and of whole sentences that are right, after so many steps."""

    step: int
    perplexity: float
    words: float
    sentences: float


def learn(steps: int = 160, every: int = 20, batch: int = 64, seed: int = 0) -> list[Point]:
    """Train a translator and measure it every few steps, at step 0 too."""
    translator = Translator.of(SOURCE, TARGET, context=WORDS)
    parameters = {
        name: p.requires_grad_() for name, p in translator.initial(torch.Generator().manual_seed(seed)).items()
    }
    options = Options(steps=steps, optimizer="adamw", rate=5e-3, warmup=20, decay=0.0, cooldown=1.0)
    optimizers = Optimizers(parameters, options)
    generator = torch.Generator().manual_seed(seed + 1)
    held_out = sentences(400, torch.Generator().manual_seed(seed + 2))

    def loss(source: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        before = torch.cat([torch.full((len(target), 1), START), target[:, :-1]], dim=1)
        return cross_entropy(decode(parameters, encode(parameters, source, translator), before, translator), target)

    points = []
    for step in range(steps + 1):
        if step % every == 0:
            with torch.no_grad():
                losses = loss(*held_out)
            right = translate(parameters, held_out[0], translator, START, WORDS) == held_out[1]
            shares = right.float().mean().item(), right.all(dim=1).float().mean().item()
            points.append(Point(step, perplexity(losses.numpy()), *shares))
        if step < steps:
            loss(*sentences(batch, generator)).mean().backward()
            optimizers.step(rate_factor(step, options))
    return points
