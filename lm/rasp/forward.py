"""The compiled transformer in NumPy, float32, with everything on its way to be looked at."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from lm.checkpoint import Checkpoint
from lm.config import Config
from lm.rasp.language import RaspError


@dataclass
class Trace:
    """What happened in a forward pass.  Letters as in `lm.transformer`: B, T, D, H.

    stream     the residual stream [B, T, D] after the embedding, and after each attention and each MLP
    attention  the weights [B, H, T, T] of each layer
    """

    stream: list[np.ndarray] = field(default_factory=list)
    attention: list[np.ndarray] = field(default_factory=list)


def forward(
    parameters: Mapping[str, np.ndarray], tokens: np.ndarray, config: Config, trace: Trace | None = None
) -> np.ndarray:
    """Logits: [B, T] integers -> [B, T, V] float32.  For models without norms, with ReLU and learned positions."""
    p = parameters
    x = p["embedding.token"][tokens] + p["embedding.position"][: tokens.shape[1]]
    trace = trace or Trace()
    trace.stream.append(x)
    for i in range(config.layers):
        block = f"blocks.{i}"
        q, k, v = (_heads(x @ p[f"{block}.attn.w{of}"] + p[f"{block}.attn.b{of}"], config) for of in "qkv")
        scores = q @ k.swapaxes(-1, -2) / np.float32(math.sqrt(config.head_width))
        if config.causal:
            scores = np.where(np.tri(x.shape[1], dtype=bool), scores, -np.inf)
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        mixed = (weights @ v).swapaxes(1, 2).reshape(*tokens.shape, config.query_width)
        x = x + mixed @ p[f"{block}.attn.wo"] + p[f"{block}.attn.bo"]
        trace.attention.append(weights)
        trace.stream.append(x)
        hidden = np.maximum(x @ p[f"{block}.mlp.w1"] + p[f"{block}.mlp.b1"], 0)
        x = x + hidden @ p[f"{block}.mlp.w2"] + p[f"{block}.mlp.b2"]
        trace.stream.append(x)
    return x @ p["head.w"] + p["head.b"]


def _heads(x: np.ndarray, config: Config) -> np.ndarray:
    """[B, T, H d] -> [B, H, T, d]"""
    return x.reshape(*x.shape[:2], config.heads, config.head_width).swapaxes(1, 2)


def encode(checkpoint: Checkpoint, inputs: Sequence[Sequence[str]]) -> np.ndarray:
    """Inputs of one length as token ids [B, T], the beginning token first where the model has one.

    Raises RaspError for unknown tokens and for inputs that are too long.
    """
    names: list[str] = checkpoint.training["tokens"]
    number = {token: i for i, token in enumerate(names)}
    longest = checkpoint.training["longest"]
    rows = []
    for tokens in inputs:
        if not 1 <= len(tokens) <= longest:
            raise RaspError(f"the input has {len(tokens)} tokens and the model takes 1 to {longest}")
        unknown = [token for token in tokens if token not in number]
        if unknown:
            raise RaspError(f"the model does not know the token {unknown[0]!r}: compile it with --vocabulary")
        rows.append([0] * bool(checkpoint.training["begin"]) + [number[token] for token in tokens])
    return np.array(rows, np.int32)


def answers(checkpoint: Checkpoint, logits: np.ndarray) -> list[list[str]]:
    """The likeliest token at each position of the inputs.  [B, T, V] -> B lists of tokens"""
    names = checkpoint.training["tokens"]
    first = 1 if checkpoint.training["begin"] else 0
    return [[names[i] for i in row] for row in logits[:, first:].argmax(axis=-1)]


def run(checkpoint: Checkpoint, inputs: Sequence[Sequence[str]]) -> list[list[str]]:
    """What the model answers to inputs of one length.  Raises as `encode` does."""
    return answers(checkpoint, forward(checkpoint.parameters, encode(checkpoint, inputs), checkpoint.config))
