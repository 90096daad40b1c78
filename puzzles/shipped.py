"""The language model that comes with `lm`, as inputs of a puzzle: its weights, and text that it was not trained on.

A puzzle's size has the names t (characters), v (vocabulary), d (width), heads, and layers. At the model's own size a
weight is drawn from its file; at others, which are there to try out edges, from a normal distribution.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from lm import corpus
from lm.checkpoint import Checkpoint, load_checkpoint
from lm.kernels.rotary import rotary_tables
from puzzles.spec import Array, Draw, Size

SPREAD = 0.2
"""Of weights that are drawn: large enough that no part of a small model is lost in its residual stream."""


@cache
def checkpoint() -> Checkpoint:
    """The shipped model. Raises LMError if its file is missing or damaged."""
    return load_checkpoint()


@cache
def held_out() -> Array:
    """The characters of the held-out text as their numbers, int32."""
    return checkpoint().vocabulary.encode(corpus.builtin().held_out)


@cache
def training() -> Array:
    """The characters of the training text as their numbers, int32."""
    return checkpoint().vocabulary.encode(corpus.builtin().train)


def is_shipped(size: Size) -> bool:
    """Whether a size is that of the shipped model, for a text of any length."""
    config = checkpoint().config
    own = {"v": config.vocabulary, "d": config.width, "heads": config.heads, "layers": config.layers}
    return all(size[name] == value for name, value in own.items())


def characters(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """A passage of the held-out text, from anywhere in it; any tokens for another model than the shipped one."""
    if not is_shipped(size):
        return rng.integers(size["v"], size=shape)
    start = int(rng.integers(len(held_out()) - shape[0]))
    return held_out()[start : start + shape[0]]


def training_windows(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
    """Passages of the training text, from anywhere in it; any tokens for another vocabulary than the model's."""
    if size["v"] != checkpoint().config.vocabulary:
        return rng.integers(size["v"], size=shape)
    starts = rng.integers(len(training()) - shape[1], size=shape[0])
    return np.stack([training()[start : start + shape[1]] for start in starts])


def weights(*names: str, around: float = 0.0) -> Draw:
    """A draw function for a stack of the model's parameters with these names, `{}` standing for each layer in turn.

    Layers come first: ("{}.ln1", "{}.ln2") is ln1 and ln2 of block 0, then those of block 1. Other models than the
    shipped one get normal numbers of spread SPREAD around `around`.
    """

    def draw(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
        if not is_shipped(size):
            return around + SPREAD * rng.standard_normal(shape)
        parameters = checkpoint().parameters
        each_layer = [name for name in names if "{}" in name]
        found = [parameters[name.format(f"blocks.{i}")] for i in range(size["layers"]) for name in each_layer]
        found += [parameters[name] for name in names if name not in each_layer]
        return np.stack(found).reshape(shape)

    return draw


def rotary(which: int) -> Draw:
    """A draw function for the cosines (0) or sines (1) of the angles of t positions."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...], size: Size) -> Array:
        return rotary_tables(size["t"], size["d"] // size["heads"])[which]

    return draw
