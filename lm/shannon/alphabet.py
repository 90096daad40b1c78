"""Shannon's 27 symbols: the letters of English and the space."""

from __future__ import annotations

import re

SYMBOLS = " abcdefghijklmnopqrstuvwxyz"
_OTHER = re.compile("[^a-z]+")


def reduce(text: str) -> str:
    """`text` in the 27 symbols: lower case, anything between letters one space."""
    return _OTHER.sub(" ", text.lower()).strip()
