"""A text cut into units: words, characters, bytes or BPE tokens; each line a sentence, or all of it one stream.

words        what stands between ASCII white space
characters   Unicode code points
bytes        of UTF-8
bpe          numbers of a byte-level BPE's tokens (`bpe`)

In sentences the end of a line is no token of its own: the model starts anew in each line, and predicts its end.  In a
stream the model goes on across lines; there a newline is a character or byte like any other, and between words it is
the sentence end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Literal

Unit = Literal["word", "char", "byte", "bpe"]
Mode = Literal["sentence", "stream"]
Token = str | int
NEWLINE = "\n"

ASCII_WHITE = " \t\r\v\f\0"
_SEPARATE = str.maketrans(dict.fromkeys(ASCII_WHITE, " "))


def words(text: str) -> list[str]:
    """The words of one line."""
    return [word for word in text.translate(_SEPARATE).split(" ") if word]


def characters(text: str) -> Sequence[str]:
    return text


def utf8(text: str) -> Sequence[int]:
    return text.encode()


SPLIT: dict[str, Callable[[str], Iterable[Token]]] = {"word": words, "char": characters, "byte": utf8}


def lines(text: str) -> list[str]:
    """The lines of a text without their ends; a last line end opens no further line."""
    result = text.split(NEWLINE)
    return result[:-1] if result[-1] == "" else result
