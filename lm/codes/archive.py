"""A compressed file: which model, how many units, and their code.

    4 bytes    "LMC1"
    2 bytes    length of the header, little endian
    header     JSON: the model's recipe, the number of units, the CRC-32 of the original file
    the rest   the code of `arithmetic`, or the file itself where that is no longer

The recipe says how to make the model again, not the model: who expands needs the same training text or checkpoint, and
a hash in the recipe tells when it is another.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from lm.codes.arithmetic import Report, decode, encode
from lm.codes.predictors import Predictor
from lm.codes.symbols import Symbols
from lm.errors import LMError
from lm.ngrams.fit import SMOOTHINGS

MAGIC = b"LMC1"
Recipe = dict[str, Any]
MOST = 2**40  # of a whole number in a header
FIELDS: dict[str, dict[str, Sequence[str] | None]] = {  # of each model: what may be there, None for whole numbers
    "adaptive": {"order": None},
    "ngram": {"order": None, "unit": ("byte", "char", "bpe"), "smoothing": SMOOTHINGS},
    "transformer": {"device": ("torch", "sim", "gpu")},
}


@dataclass(frozen=True)
class Coder:
    """A model ready to code: its recipe, its symbols, and a maker of fresh predictors."""

    recipe: Recipe
    symbols: Symbols
    predictor: Callable[[], Predictor]


@dataclass(frozen=True)
class Packed:
    """content   the compressed file
    code      how many bytes of it are the code; the rest is the header
    bits      what the model found in the original: -sum log2 p
    units     how many there are
    """

    content: bytes
    code: int
    bits: float
    units: int


def pack(data: bytes, coder: Coder, report: Report) -> Packed:
    """Compress a file's bytes."""
    units = coder.symbols.units(data)
    code, bits = encode(units, coder.symbols, coder.predictor(), report)
    stored = len(code) >= len(data)
    header = coder.recipe | {"units": len(units), "crc": zlib.crc32(data)} | ({"stored": True} if stored else {})
    text = json.dumps(header, separators=(",", ":")).encode()
    content = MAGIC + struct.pack("<H", len(text)) + text + (data if stored else code)
    return Packed(content, len(code), bits, len(units))


def recipe_of(content: bytes, name: str) -> Recipe:
    """The header of a compressed file.  Raises LMError when it is none; `name` is the file's in messages."""
    try:
        (size,) = struct.unpack("<H", content[4:6])
        recipe = json.loads(content[6 : 6 + size])
        fields = FIELDS[recipe["model"]] | {"units": None, "crc": None}
        fields |= {"tokens": None} if recipe.get("unit") == "bpe" else {}
        if content[:4] != MAGIC or not all(_fits(recipe[name], allowed) for name, allowed in fields.items()):
            raise ValueError
    except (ValueError, TypeError, LookupError, struct.error):
        raise LMError(f"{name} was not made by `lm compress`, or is damaged: give a file that was") from None
    return recipe


def _fits(value: Any, allowed: Sequence[str] | None) -> bool:
    return type(value) is int and 0 <= value < MOST if allowed is None else value in allowed


def unpack(content: bytes, coder: Coder, name: str, report: Report) -> bytes:
    """The original bytes of a compressed file.

    Raises LMError when the model is not the one that compressed it, or the file is damaged.
    """
    recipe = recipe_of(content, name)
    for key, value in coder.recipe.items():
        if recipe.get(key) != value:
            raise LMError(
                f"{name} was compressed with {key} {recipe.get(key)}, and this model has {value}: give the same model"
            )
    (size,) = struct.unpack("<H", content[4:6])
    code = content[6 + size :]
    damaged = LMError(f"{name} is damaged, or this machine computes the model's probabilities with other rounding")
    if recipe.get("stored"):
        data = code
    elif len(code) % 4:
        raise damaged
    else:
        try:
            data = coder.symbols.join(decode(code, recipe["units"], coder.symbols, coder.predictor(), report))
        except (AssertionError, ValueError):  # no code of this model; code points that stand for no bytes
            raise damaged from None
    if zlib.crc32(data) != recipe["crc"]:
        raise damaged
    return data
