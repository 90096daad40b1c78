"""Documents as text: each type has a spelling of its own, so the text has the information of its tokens, and no more.

Frequent types are short, as in English (Zipf's law of abbreviation): by falling expected frequency the types are
spelled with one syllable, with two, and so on.  Names are capitalised; a sentence ends with a full stop and its line,
and a document, whose mark has no spelling, with a blank line.
"""

from __future__ import annotations

from itertools import count, islice, product

import numpy as np

from lm.errors import LMError
from lm.language.entropy import frequencies
from lm.language.grammar import CLASSES
from lm.language.language import Language

SYLLABLES = [consonant + vowel for vowel in "aeiou" for consonant in "bdfgklmnprstvz"]
NAMES = [CLASSES.index(name) for name in ("given", "family")]
STOP = CLASSES.index("stop")


def spellings(language: Language) -> list[str]:
    """The word of each type; "" for the mark."""
    words = [""] * language.types
    every = ("".join(parts) for length in count(1) for parts in product(SYLLABLES, repeat=length))
    order = np.argsort(-frequencies(language), kind="stable")
    for number, word in zip(order, islice(every, language.types), strict=True):
        kind = language.type_class[number]
        words[number] = word.capitalize() if kind in NAMES else "." if kind == STOP else word
    words[0] = ""
    return words


def write(language: Language, documents: np.ndarray) -> str:
    """The text of int [count, length] documents, each followed by a blank line."""
    words = np.array(spellings(language), object)
    stop = language.type_class[documents] == STOP
    text = []
    for row, ends in zip(words[documents], stop, strict=True):
        after = np.where(ends, "\n", " ")
        after[-1] = "\n"
        text.append("".join((row[1:] + after[1:]).tolist()) + "\n")
    return "".join(text)


def read(language: Language, text: str) -> np.ndarray:
    """int32 [count, length]: the documents that `write` made into the text.

    Raises LMError for a word of another language, and for documents of different lengths.
    """
    number = {word: i for i, word in enumerate(spellings(language)) if word}
    rows = []
    for part in text.split("\n\n"):
        words = part.split()
        if not words:
            continue
        strange = next((word for word in words if word not in number), None)
        if strange is not None:
            raise LMError(f"{strange!r} is no word of this language: give the language that wrote the text")
        rows.append([0, *(number[word] for word in words)])
    if len({len(row) for row in rows}) > 1:
        raise LMError("the documents of the text have different lengths: give all of it")
    return np.array(rows, np.int32)
