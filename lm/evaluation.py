"""Perplexity of a checkpoint on a text, the same definition on every device.

N characters are predicted.  The text's first N + 1 characters are cut into consecutive windows of the
context T: window w reads characters w T .. w T + T - 1 and predicts w T + 1 .. w T + T.  So every character
but the text's first is predicted once, from the 1 to T characters before it in its window.  The last window
may be shorter; it is filled up, and what it predicts for the filling is not counted.  The n-gram models
predict the same N characters.
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from lm import corpus, ngram
from lm.checkpoint import DEFAULT, Checkpoint, load_checkpoint
from lm.devices import KernelRow, open_device
from lm.errors import LMError
from lm.inference.session import Generator
from lm.kernel_model import Attention, KernelModel
from lm.kernels import KernelSet
from lm.perplexity import perplexity

CHARACTERS = 2048
WINDOWS_AT_ONCE = 64  # bounds the memory of a long evaluation


class Model(Generator, Protocol):
    """What can be evaluated and sampled from."""

    def losses(self, tokens: np.ndarray, targets: np.ndarray) -> np.ndarray:
        """[B, T], [B, T] int32 -> [B, T] float32, nats"""


@dataclass(frozen=True)
class Evaluation:
    """Perplexities of the same `characters` characters, and what they cost.

    losses    float32 [N], the transformer's negative log likelihood of each character, in nats
    kernels   a row per kernel; empty on torch
    findings  what the simulator's checks found; empty elsewhere
    """

    device: str
    source: str
    characters: int
    perplexity: float
    uniform: float
    unigram: float
    bigram: float
    seconds: float
    losses: np.ndarray
    kernels: list[KernelRow]
    findings: list[Any]

    def to_dict(self) -> dict[str, Any]:
        """Everything but the single losses, JSON-ready."""
        return {
            "device": self.device,
            "source": self.source,
            "characters": self.characters,
            "perplexity": {
                "transformer": self.perplexity,
                "bigram": self.bigram,
                "unigram": self.unigram,
                "uniform": self.uniform,
            },
            "seconds": self.seconds,
            "kernels": [asdict(row) for row in self.kernels],
            "findings": [finding.to_dict() for finding in self.findings],
        }


def held_out(checkpoint: Checkpoint) -> str:
    """The held-out text of the checkpoint's own source.

    Raises LMError when the checkpoint was trained on a file: its held-out part is not kept.
    """
    source = checkpoint.training.get("source")
    if source != corpus.NAME:
        raise LMError(f"this checkpoint was trained on {source}: give the text to evaluate with --text FILE")
    return corpus.builtin().held_out


def windows(numbers: np.ndarray, context: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs and targets, int32 [W, T] each, of the N + 1 numbers as the module's docstring says.

    T is the context, or N if that is less.  The filling is character 0.
    """
    n = len(numbers) - 1
    length = min(context, n)
    count = -(-n // length)
    filled = np.zeros((2, count * length), np.int32)
    filled[0, :n], filled[1, :n] = numbers[:-1], numbers[1:]
    return filled[0].reshape(count, length), filled[1].reshape(count, length)


def losses(model: Model, numbers: np.ndarray, context: int) -> np.ndarray:
    """float32 [N]: the model's negative log likelihood of each of the N + 1 numbers but the first."""
    inputs, targets = windows(numbers, context)
    parts = [
        model.losses(inputs[start : start + WINDOWS_AT_ONCE], targets[start : start + WINDOWS_AT_ONCE])
        for start in range(0, len(inputs), WINDOWS_AT_ONCE)
    ]
    return np.concatenate(parts).reshape(-1)[: len(numbers) - 1]


def open_model(
    device: str,
    checkpoint: Checkpoint,
    kernels: KernelSet | None = None,
    attention: Attention = "auto",
    check: Any = "all",
) -> Model:
    """The checkpoint's model on "torch", "sim" or "gpu"; the arguments are those of `evaluate`."""
    if device == "torch":
        from lm.torch_model import TorchModel

        return TorchModel(checkpoint.config, checkpoint.parameters)
    where = open_device(device, check)
    return KernelModel(where, checkpoint.config, checkpoint.parameters, kernels, attention)


def evaluate(
    device: str = "torch",
    checkpoint: str | Path | Checkpoint = DEFAULT,
    text: str | None = None,
    source: str = "the text",
    characters: int = CHARACTERS,
    kernels: KernelSet | None = None,
    attention: Attention = "auto",
    check: Any = "all",
) -> Evaluation:
    """Evaluate a checkpoint on "torch", on the simulator ("sim") or on a GPU ("gpu").

    text        predicted are its characters 2 to `characters` + 1, or to its end if that comes first;
                None: the held-out part of the text that the checkpoint was trained on
    source      the name of `text` in the result and in messages
    kernels     the kernels to run on "sim" and "gpu" (default: this package's)
    attention   "auto", "fused" or "materialised"; see `lm.kernel_model.KernelModel`
    check       the simulator's checks

    Raises LMError for bad input (also characters that the model has never seen) and gpusim's errors for
    wrong kernels or a missing GPU.
    """
    loaded = checkpoint if isinstance(checkpoint, Checkpoint) else load_checkpoint(checkpoint)
    if text is None:
        text, source = held_out(loaded), f"the held-out part of {corpus.NAME}"
    if characters < 1:
        raise LMError(f"the number of characters to predict must be at least 1, got {characters}")
    if len(text) < 2:
        raise LMError(f"{source} has {len(text)} character and an evaluation needs 2: give a longer text")
    numbers = loaded.vocabulary.encode(text[: characters + 1], source)

    config = loaded.config
    if not config.causal:
        raise LMError("this model sees the tokens that it would predict: it has no perplexity")
    model = open_model(device, loaded, kernels, attention, check)
    start = time.perf_counter()
    each = losses(model, numbers, config.context)
    seconds = time.perf_counter() - start

    def baseline(probabilities: np.ndarray) -> float:
        return perplexity(ngram.negative_log_likelihoods(probabilities, numbers))

    return Evaluation(
        device=device,
        source=source,
        characters=len(numbers) - 1,
        perplexity=perplexity(each),
        uniform=baseline(ngram.uniform(config.vocabulary)),
        unigram=baseline(ngram.unigram(loaded.bigrams)),
        bigram=baseline(ngram.bigram(loaded.bigrams)),
        seconds=seconds,
        losses=each,
        kernels=list(model.device.rows.values()) if isinstance(model, KernelModel) else [],
        findings=model.device.findings if isinstance(model, KernelModel) else [],
    )
