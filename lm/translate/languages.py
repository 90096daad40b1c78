"""Two toy languages: every sentence of the one has exactly one translation into the other.

    source   adjective noun verb adjective noun          "red dog sees old cat"
    target   verb noun adjective noun adjective          "SEES DOG RED-a CAT OLD-b"

The verb comes first, an adjective stands behind its noun and takes one of two endings by the noun's gender.  So a
target word depends on a source word at another place, and half of the adjectives' endings on a second one.
"""

from __future__ import annotations

import torch
from torch import Tensor

ADJECTIVES, NOUNS, VERBS = 10, 12, 6
SOURCE = ADJECTIVES + NOUNS + VERBS  # tokens: adjectives, nouns, verbs
START = 2 * ADJECTIVES + NOUNS + VERBS  # target tokens: adjectives with either ending, nouns, verbs, and a first one
TARGET = START + 1
WORDS = 5


def sentences(examples: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
    """Source sentences [B, 5] and their translations [B, 5]."""
    sizes = (ADJECTIVES, NOUNS, VERBS, ADJECTIVES, NOUNS)
    drawn = [torch.randint(size, (examples,), generator=generator) for size in sizes]
    adjective, noun, verb, other_adjective, other_noun = drawn
    first_verb = ADJECTIVES + NOUNS
    source = torch.stack(
        [adjective, ADJECTIVES + noun, first_verb + verb, other_adjective, ADJECTIVES + other_noun], dim=1
    )
    target = torch.stack(
        [
            2 * ADJECTIVES + NOUNS + verb,
            2 * ADJECTIVES + noun, 2 * adjective + noun % 2,
            2 * ADJECTIVES + other_noun, 2 * other_adjective + other_noun % 2,
        ],
        dim=1,
    )  # fmt: skip
    return source, target
