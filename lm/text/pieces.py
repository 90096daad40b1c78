r"""GPT-2's first cut of a text: pieces that byte-pair encoding never merges across.

    's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+

(Radford et al. 2019, "Language models are unsupervised multitask learners", its code.)  So a word keeps the space
before it.  Python's `re` does not know \p{L} and \p{N}; therefore each character is replaced by one that stands for
its class, and the text is cut where that string is.
"""

from __future__ import annotations

import re
import unicodedata

_PIECE = re.compile(r"'(?:[stmd]|re|ve|ll)| ?[a-z]+| ?0+| ?[!']+|\s+(?!\S)|\s+")
_AS_THEY_ARE = frozenset(" 'strevmld")
_NOT_SPACE = frozenset("\x1c\x1d\x1e\x1f")  # white space to Python, not to Unicode


def pieces(text: str) -> list[str]:
    """The pieces of a text; together they are the text."""
    classes = text.translate({ord(c): _class(c) for c in set(text)})
    return [text[match.start() : match.end()] for match in _PIECE.finditer(classes)]


def _class(character: str) -> str:
    if character in _AS_THEY_ARE:
        return character
    if character.isspace() and character not in _NOT_SPACE:
        return "\n"
    return {"L": "a", "N": "0"}.get(unicodedata.category(character)[0], "!")
