"""The program in a learner's file: the statements that `lm.rasp.source` reads, without what stands around."""

from __future__ import annotations

import ast

from lm.rasp.source import FUNCTIONS, VALUES
from puzzles.check.gate.module import is_answer
from puzzles.check.gate.refusal import Refused

_WORDS = (*VALUES, *FUNCTIONS)
_MODULE = "lm.rasp"


def program(tree: ast.Module) -> list[ast.stmt]:
    """The statements of the program. Imports of its words, texts, and the lines PUZZLE and PREDICTION are left out.

    Raises Refused for other imports, and for an answer that is none. What is no RASP is for `lm.rasp.source` to say.
    """
    found: list[ast.stmt] = []
    for node in tree.body:
        match node:
            case ast.Expr(value=ast.Constant(str())) | ast.Pass():
                pass
            case ast.Import() | ast.ImportFrom():
                _import(node)
            case ast.Assign(targets=[ast.Name("PUZZLE")], value=ast.Constant(str())):
                pass
            case ast.Assign(targets=[ast.Name("PREDICTION")], value=value):
                if not is_answer(value):
                    raise Refused("PREDICTION is a number, a word, or cells as (0, 1), (1, 1).", node.lineno)
            case ast.If(test=test, orelse=[]) if ast.unparse(test) == "__name__ == '__main__'":
                pass
            case _:
                found.append(node)
    return found


def _import(node: ast.Import | ast.ImportFrom) -> None:
    """Words are known without an import, which is there for an editor; nothing is ever imported."""
    module = node.module if isinstance(node, ast.ImportFrom) and not node.level else None
    for alias in node.names:
        if module != _MODULE or alias.name not in _WORDS or alias.asname:
            words = ", ".join(_WORDS)
            raise Refused(
                f"A program imports only words as they are, `from {_MODULE} import ...`: {words}.", node.lineno
            )
