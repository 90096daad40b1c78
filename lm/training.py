"""Training: random windows of the text, AdamW, a cosine learning rate, the best weights kept.

Reproducible: within `reproducible(threads)` the same text and options give the same bits on the same machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from torch import Tensor

from lm.config import Config
from lm.errors import LMError
from lm.transformer import cross_entropy, forward, initial


@dataclass(frozen=True)
class Options:
    """How to train.  `report` is the number of steps between two measurements of the validation loss."""

    steps: int = 2000
    batch: int = 32
    rate: float = 2e-3
    warmup: int = 100
    decay: float = 0.1
    dropout: float = 0.15
    seed: int = 0
    report: int = 100

    def __post_init__(self) -> None:
        for name in ("steps", "batch", "report"):
            if getattr(self, name) < 1:
                raise LMError(f"training needs {name} >= 1, got {getattr(self, name)}")
        if not 0 <= self.dropout < 1:
            raise LMError(f"dropout must be at least 0 and below 1, got {self.dropout}")
        if not self.rate > 0:
            raise LMError(f"the learning rate must be above 0, got {self.rate}")


@dataclass(frozen=True)
class Progress:
    """One measurement: mean training loss since the last one, validation loss, both nats per character."""

    step: int
    rate: float
    train_loss: float
    validation_loss: float


@dataclass(frozen=True)
class Trained:
    """The parameters with the lowest validation loss, and every measurement."""

    parameters: dict[str, np.ndarray]
    best: Progress
    history: list[Progress]


def learning_rate(step: int, options: Options) -> float:
    """Linear warm-up, then a half cosine down to a tenth (Loshchilov & Hutter 2017, SGDR, equation 5)."""
    if step < options.warmup:
        return options.rate * (step + 1) / options.warmup
    progress = (step - options.warmup) / max(1, options.steps - options.warmup)
    return options.rate * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress)))


def random_windows(numbers: Tensor, config: Config, batch: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Inputs and, one character later, targets: two int64 tensors [batch, T]."""
    starts = torch.randint(len(numbers) - config.context, (batch, 1), generator=generator)
    positions = starts + torch.arange(config.context)  # [batch, T]
    return numbers[positions], numbers[positions + 1]


def dropout(x: Tensor, probability: float, generator: torch.Generator) -> Tensor:
    """Zero each element with the probability, scale the others to keep the mean (Srivastava et al. 2014)."""
    if probability == 0:
        return x
    kept = torch.rand(x.shape, generator=generator) >= probability
    return x * kept / (1 - probability)


@contextmanager
def reproducible(threads: int) -> Iterator[None]:
    """Within it torch uses so many CPU threads, and only algorithms whose result never varies."""
    before = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        torch.use_deterministic_algorithms(before[1])


@torch.no_grad()
def validation_loss(parameters: dict[str, Tensor], numbers: Tensor, config: Config) -> float:
    """Mean loss over the text in consecutive windows, each character but the first predicted once."""
    total = 0.0
    for start in range(0, len(numbers) - 1, config.context):
        inputs = numbers[start : start + config.context]
        targets = numbers[start + 1 : start + 1 + config.context]
        logits = forward(parameters, inputs[None, : len(targets)], config)
        total += cross_entropy(logits, targets[None]).sum().item()
    return total / (len(numbers) - 1)


def train(
    numbers: np.ndarray,
    validation: np.ndarray,
    config: Config,
    options: Options,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Trained:
    """Fit a transformer to a sequence of character numbers.

    numbers, validation: 1-D integer arrays.  `progress` is called at each measurement.
    Raises LMError when a text is too short for the context.
    """
    if len(numbers) <= config.context + 1 or len(validation) < 2:
        raise LMError(
            f"the text has {len(numbers)} characters to train and {len(validation)} to validate, too few for "
            f"windows of {config.context}: give a longer text or a smaller --context"
        )
    text, check = torch.from_numpy(numbers.astype(np.int64)), torch.from_numpy(validation.astype(np.int64))
    generator = torch.Generator().manual_seed(options.seed)
    parameters = {name: p.requires_grad_() for name, p in initial(config, generator).items()}
    optimizer = torch.optim.AdamW(
        [
            {"params": [p for p in parameters.values() if p.ndim > 1], "weight_decay": options.decay},
            {"params": [p for p in parameters.values() if p.ndim == 1], "weight_decay": 0.0},
        ],
        betas=(0.9, 0.99),
    )
    drop = partial(dropout, probability=options.dropout, generator=generator)

    history: list[Progress] = []
    best: tuple[Progress, dict[str, np.ndarray]] | None = None
    recent: list[float] = []
    for step in range(options.steps):
        rate = learning_rate(step, options)
        for group in optimizer.param_groups:
            group["lr"] = rate
        inputs, targets = random_windows(text, config, options.batch, generator)
        loss = cross_entropy(forward(parameters, inputs, config, drop), targets).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(list(parameters.values()), 1.0)
        optimizer.step()
        recent.append(loss.item())
        if (step + 1) % options.report == 0 or step + 1 == options.steps:
            now = Progress(step + 1, rate, sum(recent) / len(recent), validation_loss(parameters, check, config))
            if best is None or now.validation_loss < best[0].validation_loss:
                best = now, {name: p.detach().numpy().copy() for name, p in parameters.items()}
            history.append(now)
            recent.clear()
            progress(now)
    assert best is not None  # options.steps >= 1, so the last step was measured
    return Trained(best[1], best[0], history)
