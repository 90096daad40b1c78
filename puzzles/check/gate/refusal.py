"""How the gate says no."""

from __future__ import annotations

import ast


class Refused(Exception):
    """The file cannot be checked; the message says why in one sentence, and `line` where."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def quoted(node: ast.AST, length: int = 60) -> str:
    """The first line of a node as source, shortened."""
    text = ast.unparse(node).partition("\n")[0]
    return text if len(text) <= length else text[: length - 3] + "..."
