"""The names of a file, and what they stand for: words of the checker's vocabulary, constants, functions."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

from puzzles.check.gate import vocabulary
from puzzles.check.gate.refusal import Refused


@dataclass
class Scope:
    """Every name is bound once, so that it means the same everywhere; `lines` says where.

    `imports` maps a name to its full dotted name, or to None if it has a meaning in annotations only; `constants` to
    its value; `functions` to its definition.
    """

    imports: dict[str, str | None] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    functions: dict[str, ast.FunctionDef] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    def bind(self, name: str, line: int) -> None:
        """Take note of a new name. Raises Refused for one that is there already, or that belongs to Python."""
        if name.startswith("__"):
            raise Refused(f"`{name}` cannot be bound: names that begin with two underscores belong to Python.", line)
        if name in self.lines:
            raise Refused(
                f"`{name}` is bound in line {self.lines[name]} already; a puzzle file binds every name once.", line
            )
        self.lines[name] = line

    def meaning(self, node: ast.expr) -> str | None:
        """The full dotted name of `cuda.atomic.add` and the like; None for the file's own names, and for the rest."""
        match node:
            case ast.Name(id=name) if name in self.imports:
                return self.imports[name]
            case ast.Name(id=name) if name not in self.lines and f"builtins.{name}" in vocabulary.words():
                return f"builtins.{name}"
            case ast.Attribute(value=value, attr=attribute):
                owner = self.meaning(value)
                return f"{owner}.{attribute}" if owner in vocabulary.namespaces() else None
        return None
