"""Train a small model on examples that are drawn anew for every step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

Parameters = dict[str, Tensor]
Model = Callable[[Parameters, Tensor], Tensor]
Draw = Callable[[int, torch.Generator], tuple[Tensor, Tensor]]
IGNORED = -100  # a target that does not count


def normal(generator: torch.Generator, **shapes: tuple[int, ...]) -> Parameters:
    """Parameters from N(0, 1 / inputs): a matrix (inputs, outputs) keeps the size of what it multiplies."""
    return {
        name: (torch.randn(shape, generator=generator) / shape[0] ** 0.5).requires_grad_()
        for name, shape in shapes.items()
    }


def fit(
    model: Model, parameters: Parameters, draw: Draw, steps: int, rate: float, batch: int = 128, seed: int = 0
) -> None:
    """Adam (Kingma & Ba 2015) on the cross-entropy of the targets; the rate falls linearly to 0.

    draw   (examples, generator) -> inputs [B, ..], targets [B] or [B, T] with IGNORED where nothing is asked
    """
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.Adam(list(parameters.values()), betas=(0.9, 0.98))
    for step in range(steps):
        inputs, targets = draw(batch, generator)
        logits = model(parameters, inputs).flatten(0, -2)
        loss = functional.cross_entropy(logits, targets.flatten(), ignore_index=IGNORED)
        optimizer.zero_grad()
        loss.backward()
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1.0, (step + 1) / 20) * (1 - step / steps)
        optimizer.step()


@torch.no_grad()
def accuracy(model: Model, parameters: Parameters, draw: Draw, examples: int = 1000, seed: int = 1) -> float:
    """Share of targets that the model's likeliest answer hits, on fresh examples."""
    inputs, targets = draw(examples, torch.Generator().manual_seed(seed))
    asked = targets != IGNORED
    return (model(parameters, inputs).argmax(dim=-1) == targets)[asked].float().mean().item()
