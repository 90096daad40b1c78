"""A job with a program for attention: its text and inputs, and what the interpreter and the compiler made of them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from lm.rasp.compiler import circuit
from lm.rasp.interpreter import run
from lm.rasp.language import Expression, RaspError, text
from lm.rasp.programs import Program
from lm.rasp.source import Misread, program
from puzzles.check import gate
from puzzles.check.sandbox import wire
from puzzles.check.sandbox.work import Work
from puzzles.spec import Array

SYMBOL = 100
"""Characters of a value."""

TEXT = 2_000
"""Characters of a message."""

NUMBER = 64
"""Bits of a number, in an integer or in both parts of a fraction."""

MEMORY = "The program needs more memory than a check allows."


@dataclass(frozen=True)
class Ran:
    """`outputs`: the values at each position of each input, as symbols, up to the first without a result (`error`).

    `layers` of the compiled program, or why there is none (`uncompiled`).
    """

    outputs: tuple[tuple[str, ...], ...]
    error: str = ""
    layers: int | None = None
    uncompiled: str = ""


@dataclass(frozen=True)
class ProgramJob(Work):
    """A program's text, inputs, and what to compile it for. Seed, puzzle and reference stay outside."""

    kind = "program"
    overdue = "Do its numbers, or the values that it can take, grow with every step?"

    text: str
    inputs: tuple[tuple[str, ...], ...]
    vocabulary: tuple[str, ...]
    length: int

    def packed(self, seconds: float) -> bytes:
        value = {"text": self.text, "inputs": self.inputs, "vocabulary": self.vocabulary, "length": self.length}
        return wire.pack({**value, **self.settings(seconds)})

    @staticmethod
    def unpacked(value: Any, arrays: list[Array]) -> ProgramJob:
        inputs = tuple(map(tuple, value["inputs"]))
        return ProgramJob(value["text"], inputs, tuple(value["vocabulary"]), value["length"])

    def do(self) -> bytes:
        """Read the program, run it on every input, and count the layers of its compiled form."""
        try:
            output = program(gate.program(gate.parse(self.text)))
        except gate.Refused as refusal:
            return wire.pack({"refused": str(refusal), "line": refusal.line})
        except Misread as error:
            return wire.pack({"refused": error.why[:TEXT], "line": error.line})
        try:
            return wire.pack(asdict(self.ran(output)))
        except MemoryError:
            return wire.pack({"refused": MEMORY, "line": None})

    def ran(self, output: Expression) -> Ran:
        """What becomes of a program on the job's inputs."""
        outputs: list[tuple[str, ...]] = []
        for tokens in self.inputs:
            try:
                outputs.append(tuple(map(_symbol, run(output, tokens))))
            except RaspError as error:
                return Ran(tuple(outputs), error=str(error)[:TEXT])
        try:
            layers = circuit(Program("program", "", output, "", self.vocabulary), length=self.length).layers
        except RaspError as error:
            return Ran(tuple(outputs), uncompiled=str(error)[:TEXT])
        return Ran(tuple(outputs), layers=layers)

    def outcome(self, value: Any, arrays: list[Array]) -> Ran:
        outputs = value.get("outputs") if isinstance(value, dict) else None
        if not isinstance(outputs, list) or len(outputs) > len(self.inputs):
            raise wire.BadMessage("outputs of other inputs")
        for found, tokens in zip(outputs, self.inputs, strict=False):
            symbols = isinstance(found, list) and all(isinstance(s, str) and len(s) <= SYMBOL for s in found)
            if not symbols or len(found) != len(tokens):
                raise wire.BadMessage("an output that is none")
        error, uncompiled = str(value.get("error", ""))[:TEXT], str(value.get("uncompiled", ""))[:TEXT]
        layers = value.get("layers")
        if not (error or uncompiled or type(layers) is int) or (not error and len(outputs) < len(self.inputs)):
            raise wire.BadMessage("a program that neither ran nor failed")
        return Ran(tuple(map(tuple, outputs)), error, None if error or uncompiled else layers, uncompiled)


def _symbol(value: Any) -> str:
    """A value as text. Raises RaspError for a number or a symbol beyond all that a transformer can tell apart."""
    parts = [value.numerator, value.denominator] if hasattr(value, "numerator") else []
    if any(part.bit_length() > NUMBER for part in parts) or (isinstance(value, str) and len(value) > SYMBOL):
        raise RaspError(f"a value is too large for a transformer: more than {NUMBER} bits or {SYMBOL} characters")
    return text(value)
