"""Tokens as numbers, of which three are reserved, and a text as one array of them.

    0  unknown   whatever the training text lacks
    1  start     opens a sentence, or the stream; context only, never predicted
    2  end       closes a line

The types are those of the training text, and of nothing else.  A word that is written like a reserved one ("<unk>" in
the Penn Treebank) is an ordinary word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import numpy as np

from lm.errors import LMError
from lm.text.bpe import BPE
from lm.text.units import SPLIT, Mode, Token, Unit, lines

UNKNOWN, START, END = 0, 1, 2
RESERVED = 3


@dataclass(frozen=True)
class Encoder:
    """From text to numbers for one unit and one mode, with the types of a training text.

    split    cuts a line, or a stream, into tokens
    number   the number of each type, from RESERVED up in the order of first occurrence
    bpe      the tokenizer of unit "bpe"
    """

    unit: Unit
    mode: Mode
    split: Callable[[str], Iterable[Token]] = field(repr=False)
    number: dict[Token, int] = field(repr=False)
    bpe: BPE | None = field(default=None, repr=False)

    @classmethod
    def of(cls, text: str, unit: Unit, mode: Mode, bpe: BPE | None = None) -> Encoder:
        """The encoder whose types are those of `text`; unit "bpe" needs a tokenizer.

        Raises LMError when the text has none.
        """
        split = bpe.encode if bpe else SPLIT[unit]
        types: dict[Token, None] = {}
        for part in lines(text) if mode == "sentence" or unit == "word" else [text]:
            types |= dict.fromkeys(split(part))
        if not types:
            raise LMError(f"the training text has no {unit}: give a longer one")
        return cls(unit, mode, split, {token: i for i, token in enumerate(types, RESERVED)}, bpe)

    @property
    def ends(self) -> bool:
        """Whether END is predicted: in sentences, and in streams of words."""
        return self.mode == "sentence" or self.unit == "word"

    @property
    def types(self) -> int:
        """How many different tokens the training text has, the end of a sentence included where there is one."""
        return len(self.number) + self.ends

    @property
    def numbers(self) -> int:
        """All numbers in use are below this: types and reserved ones."""
        return len(self.number) + RESERVED

    def encode(self, text: str) -> np.ndarray:
        """int32 array that begins with START.

        Sentences: START, a line's tokens, END, START, the next line's, ...; stream: START once, and END after a line of
        words.
        """
        get = self.number.get
        if not self.ends:
            return np.array([START] + [get(token, UNKNOWN) for token in self.split(text)], np.int32)
        parts = [START] if self.mode == "stream" else []
        for line in lines(text):
            if self.mode == "sentence":
                parts.append(START)
            parts += [get(token, UNKNOWN) for token in self.split(line)]
            parts.append(END)
        return np.array(parts, np.int32)

    def decode(self, numbers: np.ndarray) -> list[Token | None]:
        """The tokens of numbers; None for the reserved ones."""
        tokens: list[Token | None] = [None] * RESERVED + list(self.number)
        return [tokens[number] for number in numbers]
