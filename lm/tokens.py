"""Characters to integers and back.

A character-level model's token is one character; its number is its place in the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lm.errors import LMError


@dataclass(frozen=True)
class Vocabulary:
    """The distinct characters that a model knows, in the order of their numbers."""

    characters: str

    def __post_init__(self) -> None:
        if not self.characters:
            raise LMError("a vocabulary needs at least one character, got none")
        if len(set(self.characters)) != len(self.characters):
            raise LMError("a vocabulary must not name a character twice")

    @classmethod
    def of(cls, text: str) -> Vocabulary:
        """The characters that occur in `text`, sorted by code point."""
        return cls("".join(sorted(set(text))))

    def __len__(self) -> int:
        return len(self.characters)

    @cached_property
    def _number(self) -> dict[str, int]:
        return {character: i for i, character in enumerate(self.characters)}

    def encode(self, text: str, what: str = "the text") -> np.ndarray:
        """int32 array of `len(text)` character numbers.

        Raises LMError for a character outside the vocabulary; `what` names the text in the message.
        """
        try:
            return np.fromiter((self._number[c] for c in text), dtype=np.int32, count=len(text))
        except KeyError:
            position = next(i for i, c in enumerate(text) if c not in self._number)
            line = text.count("\n", 0, position) + 1
            column = position - text.rfind("\n", 0, position)
            c = text[position]
            raise LMError(
                f"the model has never seen the character {c!r} (U+{ord(c):04X}), which {what} has at "
                f"line {line}, column {column}: remove or replace it, or train a model on a text that has it"
            ) from None

    def decode(self, numbers: Iterable[int]) -> str:
        """The text of a sequence of character numbers."""
        return "".join(self.characters[i] for i in numbers)
