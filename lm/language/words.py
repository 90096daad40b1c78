"""How many types each class of words has, and how probable they are.

Types are numbered class after class.  In a class the type of rank r = 1, 2, ... has a probability proportional to
1 / (r + 1.7)^exponent (Zipf 1935, with Mandelbrot's offset 1953).  Small classes are closed, as in English: few
determiners, pronouns and prepositions, and any number of nouns.
"""

from __future__ import annotations

import numpy as np

from lm.errors import LMError
from lm.language.grammar import CLASSES

OFFSET = 1.7
CLOSED = {"mark": 1, "stop": 1, "determiner": 6, "pronoun": 8, "preposition": 24, "conjunction": 4}  # types, at most
OPEN = {"noun": 0.4, "verb": 0.15, "adjective": 0.13, "given": 0.12, "family": 0.12, "adverb": 0.08}  # of the rest
FEWEST = 24


def class_sizes(types: int) -> np.ndarray:
    """int64 [classes]: the number of types of each, together `types`.

    Raises LMError for fewer than 24 types.
    """
    if types < FEWEST:
        raise LMError(f"a language needs at least {FEWEST} types, got {types}")
    closed = {name: min(most, max(2, types // 24)) for name, most in CLOSED.items()}
    rest = types - sum(closed.values())
    sizes = closed | {name: max(2, int(rest * share)) for name, share in OPEN.items()}
    sizes["noun"] += types - sum(sizes.values())
    return np.array([sizes[name] for name in CLASSES])


def zipf(types: int, exponent: float) -> np.ndarray:
    """float64 [types], sums to one: the probabilities of the ranks 1 to `types`."""
    weights = (np.arange(1, types + 1) + OFFSET) ** -exponent
    return weights / weights.sum()


def entropy(probabilities: np.ndarray) -> np.ndarray:
    """-sum p log p over the last axis, in nats; 0 log 0 is 0."""
    positive = np.where(probabilities > 0, probabilities, 1)
    return -(probabilities * np.log(positive)).sum(axis=-1)
