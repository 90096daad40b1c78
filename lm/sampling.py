"""Drawing text from a model, one character at a time.

    p = softmax(logits / temperature)

Temperature 1 is the model's own distribution, lower is more cautious, 0 always takes the likeliest
character (Ackley, Hinton & Sejnowski 1985, "A learning algorithm for Boltzmann machines").
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from lm.errors import LMError


def next_character(logits: np.ndarray, temperature: float, generator: np.random.Generator) -> int:
    """A character number drawn from float [V] logits."""
    if temperature == 0:
        return int(logits.argmax())
    scaled = (logits.astype(np.float64) - logits.max()) / temperature
    p = np.exp(scaled)
    return int(generator.choice(len(p), p=p / p.sum()))


def sample(
    logits: Callable[[np.ndarray], np.ndarray],
    prompt: np.ndarray,
    characters: int,
    context: int,
    temperature: float = 0.8,
    seed: int = 0,
) -> Iterator[int]:
    """Yield `characters` character numbers that continue the prompt.

    logits       [1, T] int32 -> [1, T, V], the model
    prompt       int32 [P], P at least 1; the model sees the last `context` characters
    Raises LMError for an empty prompt, a negative temperature or fewer than 1 characters.
    """
    if len(prompt) == 0:
        raise LMError("the prompt is empty: give at least one character to continue")
    if temperature < 0:
        raise LMError(f"the temperature must be at least 0, got {temperature}")
    if characters < 1:
        raise LMError(f"the number of characters must be at least 1, got {characters}")
    generator = np.random.default_rng(seed)
    seen = list(prompt[-context:])
    for _ in range(characters):
        window = np.array([seen[-context:]], np.int32)
        seen.append(next_character(logits(window)[0, -1], temperature, generator))
        yield seen[-1]
