"""Python source as HTML with its keywords, strings, comments, numbers and definitions marked up."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections.abc import Iterator, Sequence
from html import escape

_KINDS = {tokenize.STRING: "s", tokenize.COMMENT: "c", tokenize.NUMBER: "m"}


def highlight(lines: Sequence[str]) -> list[str]:
    """HTML for each line of one piece of Python; every line is complete in itself.

    Where the text is not Python, lines are escaped and otherwise left as they are.
    """
    marked = [escape(line) for line in lines]
    for row, spans in _spans(lines).items():
        html, at = "", 0
        for start, stop, kind in spans:
            before, token = escape(lines[row][at:start]), escape(lines[row][start:stop])
            html, at = f'{html}{before}<span class="hl-{kind}">{token}</span>', stop
        marked[row] = html + escape(lines[row][at:])
    return marked


def _spans(lines: Sequence[str]) -> dict[int, list[tuple[int, int, str]]]:
    """For each row, (start column, end column, kind) of its marked tokens, from left to right."""
    spans: dict[int, list[tuple[int, int, str]]] = {}
    try:
        for token, kind in _marked(lines):
            (first, start), (last, stop) = token.start, token.end
            for row in range(first - 1, last):
                left = start if row == first - 1 else 0
                right = stop if row == last - 1 else len(lines[row])
                spans.setdefault(row, []).append((left, right, kind))
    except (tokenize.TokenError, SyntaxError):
        return {}
    return spans


def _marked(lines: Sequence[str]) -> Iterator[tuple[tokenize.TokenInfo, str]]:
    before = ""
    for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
        if token.type in _KINDS:
            yield token, _KINDS[token.type]
        elif token.type == tokenize.NAME and keyword.iskeyword(token.string):
            yield token, "k"
        elif token.type == tokenize.NAME and before in ("def", "@"):
            yield token, "d"
        if token.string.strip():
            before = token.string
