"""A program: an output sequence with a name, the tokens that it is for, and how its input is typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lm.rasp.language import Expression, RaspError, Value, text


@dataclass(frozen=True)
class Program:
    """output      the sequence that it computes
    vocabulary  the tokens it is compiled for unless told otherwise
    length      the longest input it is compiled for unless told otherwise
    open        whether any other tokens do as well
    example     an input
    causal      whether it means a model that sees only what came before
    begin       whether the compiled input starts with a token of its own, on which queries without a key rest
    joined      whether the output is read as one string, nothing (`·`) left out
    language    whether the output is the next token, as a language model's is; nothing: any token as likely
    """

    name: str
    summary: str
    output: Expression
    example: str
    vocabulary: tuple[str, ...] = ("a", "b", "c")
    length: int = 8
    open: bool = True
    causal: bool = False
    begin: bool = True
    joined: bool = False
    language: bool = False

    def read(self, typed: str) -> list[str]:
        """The tokens of a typed input: words if it has spaces or the program's tokens are words, else characters.

        Raises RaspError for no tokens, and for unknown ones.
        """
        words = " " in typed or any(len(token) > 1 for token in self.vocabulary)
        tokens = typed.split() if words else list(typed)
        if not tokens:
            raise RaspError(f"{self.name} needs at least one token: try {self.example!r}")
        if not self.open:
            for position, token in enumerate(tokens):
                if token not in self.vocabulary:
                    known = " ".join(self.vocabulary)
                    where = f"the token {token!r} at position {position}"
                    raise RaspError(f"{self.name} does not know {where}: use {known}")
        return tokens

    def write(self, values: Sequence[Value]) -> str:
        """The output as one line."""
        if self.joined:
            return "".join(text(value) for value in values if value is not None)
        shown = [text(value) for value in values]
        return "".join(shown) if all(len(symbol) == 1 for symbol in shown) else " ".join(shown)
