"""Drawing text from a model, one token at a time, from a distribution that may be sharpened and cut.

In this order, each step on what the one before it left, which then sums to one again:

    1. temperature    p = softmax(logits / T)     1: the model's own, "ancestral" sampling; lower is more cautious;
                                                  0: greedy, the likeliest token (Ackley, Hinton & Sejnowski 1985)
    2. top-k          the k likeliest tokens (Fan et al. 2018)
    3. nucleus        the smallest set of likeliest tokens whose mass is at least `top_p` (Holtzman et al. 2020)
    4. min-p          tokens at least `min_p` times as likely as the likeliest (Nguyen et al. 2024)

Of equally likely tokens those with lower numbers are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lm.errors import LMError


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """float64 [V]: p of float [V] logits; temperature 0: all mass on the likeliest."""
    if temperature == 0:
        p = np.zeros(len(logits))
        p[logits.argmax()] = 1
        return p
    p = np.exp((logits.astype(np.float64) - logits.max()) / temperature)
    return p / p.sum()


def top_k(p: np.ndarray, k: int) -> np.ndarray:
    """float64 [V], sums to one: the k likeliest."""
    return _keep(p, _descending(p)[:k])


def nucleus(p: np.ndarray, mass: float) -> np.ndarray:
    """float64 [V], sums to one: the fewest likeliest tokens whose probabilities sum to at least `mass`."""
    order = _descending(p)
    # Rounding may leave the whole sum a little below a mass of 1: then all tokens are kept.
    count = int(np.searchsorted(np.cumsum(p[order]), mass * (1 - 1e-12))) + 1
    return _keep(p, order[:count])


def min_p(p: np.ndarray, share: float) -> np.ndarray:
    """float64 [V], sums to one: the tokens whose probability is at least `share` of the greatest."""
    return _keep(p, np.flatnonzero(p >= share * p.max()))


def _descending(p: np.ndarray) -> np.ndarray:
    """int64 [V]: token numbers, the likeliest first, equals by number."""
    return np.argsort(-p, kind="stable")


def _keep(p: np.ndarray, tokens: np.ndarray) -> np.ndarray:
    kept = np.zeros(len(p))
    kept[tokens] = p[tokens]
    return kept / kept.sum()


@dataclass(frozen=True)
class Sampler:
    """The four steps of the module's docstring; top_k 0, top_p 1 and min_p 0 cut nothing.

    Raises LMError for values out of range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    min_p: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature < float("inf"):
            raise LMError(f"the temperature must be at least 0, got {self.temperature}")
        if self.top_k < 0:
            raise LMError(f"top-k must be at least 0 (0: all tokens), got {self.top_k}")
        if not 0 < self.top_p <= 1:
            raise LMError(f"top-p must be above 0 and at most 1, got {self.top_p}")
        if not 0 <= self.min_p <= 1:
            raise LMError(f"min-p must be from 0 to 1, got {self.min_p}")

    def distribution(self, logits: np.ndarray) -> np.ndarray:
        """float64 [V], sums to one: what tokens are drawn from, for float [V] logits."""
        p = softmax(logits, self.temperature)
        if self.top_k:
            p = top_k(p, self.top_k)
        if self.top_p < 1:
            p = nucleus(p, self.top_p)
        if self.min_p:
            p = min_p(p, self.min_p)
        return p

    def draw(self, logits: np.ndarray, generator: np.random.Generator) -> int:
        """A token number.  Greedy sampling asks nothing of the generator."""
        if self.temperature == 0:
            return int(logits.argmax())
        p = self.distribution(logits)
        return int(generator.choice(len(p), p=p))


def sample(
    logits: Callable[[np.ndarray], np.ndarray],
    prompt: np.ndarray,
    characters: int,
    context: int,
    temperature: float = 0.8,
    seed: int = 0,
    top_k: int = 0,
    top_p: float = 1.0,
    min_p: float = 0.0,
) -> Iterator[int]:
    """Yield `characters` token numbers that continue the prompt.

    logits       [1, T] int32 -> [1, T, V], the model
    prompt       int32 [P], P at least 1; the model sees the last `context` tokens
    temperature, top_k, top_p, min_p: see Sampler
    Raises LMError for an empty prompt, fewer than 1 characters or a sampler's value out of range.
    """
    if len(prompt) == 0:
        raise LMError("the prompt is empty: give at least one character to continue")
    sampler = Sampler(temperature, top_k, top_p, min_p)
    if characters < 1:
        raise LMError(f"the number of characters must be at least 1, got {characters}")
    generator = np.random.default_rng(seed)
    seen = list(prompt[-context:])
    for _ in range(characters):
        window = np.array([seen[-context:]], np.int32)
        seen.append(sampler.draw(logits(window)[0, -1], generator))
        yield seen[-1]
