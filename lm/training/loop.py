"""The training loop: windows in, gradients, updates; measurements, the best weights kept.

Reproducible: within `reproducible(threads)` the same text and options give the same bits on the same machine, also when
the run was interrupted and resumed in between.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from lm.config import Config, parameter_count
from lm.errors import LMError
from lm.training.optimizers import Optimizers
from lm.training.options import Options
from lm.training.processes import Processes
from lm.training.schedule import rate_factor
from lm.training.text import Text, check_length, random_windows
from lm.transformer import cross_entropy, forward, initial

ALONE = Processes()


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


class Run:
    """A training run that can stop after any step and go on from its state."""

    def __init__(self, text: Text, config: Config, options: Options, processes: Processes = ALONE) -> None:
        """Raises LMError for a text too short for the context, a batch without equal shares, and too large a model."""
        check_length(text, config)
        self.text, self.config, self.options, self.processes = text, config, options, processes
        self.shares = options.accumulate * processes.count
        if options.batch % self.shares:
            raise LMError(
                f"a batch of {options.batch} windows has no {self.shares} equal parts, one for each process and "
                "--accumulate: change the batch"
            )
        generator = torch.Generator().manual_seed(options.seed)
        try:
            self.parameters = {name: p.requires_grad_() for name, p in initial(config, generator).items()}
        except RuntimeError:  # torch's allocator
            parameters = f"{parameter_count(config):,} parameters"
            raise LMError(f"a model of {parameters} does not fit into this machine's memory: make it smaller") from None
        self.optimizers = Optimizers(self.parameters, options)
        self.done = 0  # steps
        self.recent: list[float] = []
        self.history: list[Progress] = []
        self.best: tuple[Progress, dict[str, Tensor]] | None = None

    def step(self) -> float:
        """One update; the mean loss of its batch before it.  Raises LMError when that is not finite."""
        options = self.options
        total = 0.0
        for part in range(options.accumulate):
            loss = self._loss(self.processes.rank * options.accumulate + part) / self.shares
            loss.backward()
            total += loss.item()
        if self.processes.count > 1:
            total = self._sum_gradients(total)
        check_finite("loss", total, self.done + 1)
        self.optimizers.step(rate_factor(self.done, options))
        self.done += 1
        self.recent.append(total)
        return total

    def _loss(self, share: int) -> Tensor:
        """Mean loss of the given part of the step's batch.

        Every part draws the whole batch's windows and dropout from the step's own generator and keeps its rows, so that
        the result does not depend on how the batch is divided.
        """
        options, config = self.options, self.config
        generator = torch.Generator().manual_seed(options.seed * 1_000_003 + self.done + 1)
        inputs, targets = random_windows(self.text.train, config.context, options.batch, generator)
        size = options.batch // self.shares
        rows = slice(share * size, (share + 1) * size)
        drop = partial(dropout, generator=generator, batch=options.batch, rows=rows)
        logits = forward(
            self._cast(),
            inputs[rows],
            config,
            drop=partial(drop, probability=options.dropout),
            drop_ngrams=partial(drop, probability=options.table_dropout, whole=True),
        )
        return cross_entropy(logits, targets[rows]).mean()

    def _cast(self) -> dict[str, Tensor]:
        """The parameters, the blocks' matrices in the chosen precision."""
        if self.options.precision == "float32":
            return self.parameters
        return {
            name: p.to(torch.bfloat16) if name.startswith("blocks.") and p.ndim == 2 else p
            for name, p in self.parameters.items()
        }

    def _sum_gradients(self, loss: float) -> float:
        """Every process's gradients and losses, added up."""
        for p in self.parameters.values():
            if p.grad is not None:
                if p.grad.is_sparse:
                    p.grad = p.grad.coalesce()
                self.processes.sum(p.grad)
        whole = torch.tensor([loss], dtype=torch.float64)
        self.processes.sum(whole)
        return whole.item()

    def measure(self) -> Progress:
        """The losses now; keeps the parameters if they are the best so far.

        Raises LMError when the validation loss is not finite: the last update may have broken the parameters.
        """
        rate = self.options.rate * rate_factor(self.done - 1, self.options)
        validation = mean_loss(self.parameters, self.text.validation, self.config)
        check_finite("validation loss", validation, self.done)
        now = Progress(self.done, rate, sum(self.recent) / len(self.recent), validation)
        if self.best is None or validation < self.best[0].validation_loss:
            self.best = now, {name: p.detach().clone() for name, p in self.parameters.items()}
        self.history.append(now)
        self.recent.clear()
        return now

    def state(self) -> dict[str, Any]:
        """Everything that a later process needs to go on."""
        return {
            "done": self.done,
            "parameters": {name: p.detach() for name, p in self.parameters.items()},
            "optimizers": self.optimizers.state(),
            "recent": self.recent,
            "history": [asdict(progress) for progress in self.history],
            "best": self.best and (asdict(self.best[0]), self.best[1]),
        }

    def load(self, state: dict[str, Any]) -> None:
        """Go on from `state()`."""
        with torch.no_grad():
            for name, p in self.parameters.items():
                p.copy_(state["parameters"][name])
        self.optimizers.load(state["optimizers"])
        self.done, self.recent = state["done"], list(state["recent"])
        self.history = [Progress(**progress) for progress in state["history"]]
        self.best = state["best"] and (Progress(**state["best"][0]), state["best"][1])


def check_finite(name: str, loss: float, step: int) -> None:
    """Raises LMError when the loss is not finite."""
    if not math.isfinite(loss):
        raise LMError(f"the {name} is {loss} at step {step}: training stopped and wrote nothing; lower --rate")


def train(
    text: Text,
    config: Config,
    options: Options,
    processes: Processes = ALONE,
    after_step: Callable[[Run, float, Progress | None], None] = lambda run, loss, now: None,
    state: dict[str, Any] | None = None,
) -> Trained:
    """Fit a transformer to a text, from the start or from a state.

    `after_step` is called after each step with its loss, and with the measurement if one was made.
    """
    run = Run(text, config, options, processes)
    if state is not None:
        run.load(state)
    while run.done < options.steps:
        loss = run.step()
        due = run.done % options.report == 0 or run.done == options.steps
        after_step(run, loss, run.measure() if due else None)
    assert run.best is not None  # options.steps >= 1, so the last step was measured
    return Trained({name: p.numpy() for name, p in run.best[1].items()}, run.best[0], run.history)


def dropout(
    x: Tensor, probability: float, generator: torch.Generator, batch: int, rows: slice, whole: bool = False
) -> Tensor:
    """Zero each element with the probability, scale the others to keep the mean (Srivastava et al. 2014).

    x [rows, T, D] are some of `batch` sequences; the mask is drawn for all of them.  `whole`: a position's vector is
    zeroed as a whole or not at all.
    """
    if probability == 0:
        return x
    shape = (batch, *x.shape[1:-1], 1 if whole else x.shape[-1])
    kept = torch.rand(shape, generator=generator)[rows] >= probability
    return x * kept / (1 - probability)


@torch.no_grad()
def mean_loss(parameters: dict[str, Tensor], numbers: np.ndarray, config: Config, at_once: int = 32) -> float:
    """Mean loss over the text in consecutive windows, each token but the first predicted once."""
    text = torch.from_numpy(numbers.astype(np.int64))
    n, length = len(text) - 1, config.context
    whole = n // length * length
    parts = [
        (text[:whole].view(-1, length).split(at_once), text[1 : whole + 1].view(-1, length).split(at_once)),
        ((text[whole:n][None],), (text[whole + 1 :][None],)),
    ]
    total = 0.0
    for inputs, targets in parts:
        for x, y in zip(inputs, targets, strict=True):
            if x.numel():
                total += cross_entropy(forward(parameters, x, config), y).sum().item()
    return total / n


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
