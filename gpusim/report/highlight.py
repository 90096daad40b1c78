"""Python source as HTML with its keywords, strings, comments, numbers and definitions marked up."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from itertools import groupby
from typing import Any

from pygments.lexers.python import PythonLexer
from pygments.token import Token

_KINDS = (
    (Token.Name.Function, "d"),
    (Token.Name.Decorator, "d"),
    (Token.Keyword, "k"),
    (Token.Operator.Word, "k"),
    (Token.Literal.String, "s"),
    (Token.Literal.Number, "m"),
    (Token.Comment, "c"),
)
_LEXER = PythonLexer(stripnl=False, ensurenl=False)


def highlight(lines: Sequence[str]) -> list[str]:
    """HTML for each line of one piece of Python; every line is complete in itself."""
    marked = [""]
    for kind, tokens in groupby(_LEXER.get_tokens("\n".join(lines)), key=_kind):
        for row, piece in enumerate("".join(text for _, text in tokens).split("\n")):
            if row:
                marked.append("")
            if piece:
                marked[-1] += f'<span class="hl-{kind}">{escape(piece)}</span>' if kind else escape(piece)
    return marked[: len(lines)]


def _kind(token: tuple[Any, str]) -> str:
    return next((kind for family, kind in _KINDS if token[0] in family), "")
