"""Files as symbols of a model, and back, byte for byte.

A file is cut into units: bytes, code points, or tokens of a byte-pair encoding.  A unit that the model has no symbol
for is an escape, followed by the unit itself as a literal, all literals being equally probable.  Bytes that are not
UTF-8 become the code points that Python keeps for them (PEP 383), so any file has code points.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from lm.text.bpe import BPE

FileUnit = Literal["byte", "char", "bpe"]


@dataclass(frozen=True)
class Symbols:
    """unit    how a file is cut
    number  the model's symbol for each unit that has one
    bpe     the tokenizer of unit "bpe"
    """

    unit: FileUnit
    number: dict[int, int]
    bpe: BPE | None = None

    @property
    def literals(self) -> int:
        """How many units there are at all."""
        if self.unit == "byte":
            return 256
        return len(self.bpe) if self.bpe else 0x110000

    def units(self, data: bytes) -> list[int]:
        """The units of a file."""
        if self.unit == "byte":
            return list(data)
        if self.bpe:
            return self.bpe.encode(data)
        return [ord(c) for c in data.decode("utf-8", "surrogateescape")]

    def join(self, units: Iterable[int]) -> bytes:
        """The file of its units."""
        if self.unit == "byte":
            return bytes(units)
        if self.bpe:
            return self.bpe.decode(units)
        return "".join(map(chr, units)).encode("utf-8", "surrogateescape")
