"""Mutants of a solution: a statement or a barrier dropped, indices swapped, a constant or an operator changed."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator


def mutants(text: str) -> Iterator[tuple[str, str]]:
    """(what was changed, the file's text) for each single change of a function in a learner's file."""
    tree = ast.parse(text)
    count = sum(1 for _ in _changes(tree))
    for number in range(count):
        fresh = copy.deepcopy(tree)
        change = next(change for n, change in enumerate(_changes(fresh)) if n == number)
        line, what = change()
        yield f"line {line}: {what}", ast.unparse(ast.fix_missing_locations(fresh))


def _changes(tree: ast.Module):
    """Functions that change the tree in one place each, and say what they did."""
    for function in (node for node in tree.body if isinstance(node, ast.FunctionDef)):
        for node in ast.walk(function):
            for name in ("body", "orelse"):
                suite = getattr(node, name, None)
                if isinstance(suite, list):
                    for position, statement in enumerate(suite):
                        if not isinstance(statement, ast.FunctionDef) and not _is_text(statement):
                            yield _Drop(suite, position)
            match node:
                case ast.Subscript(slice=ast.Tuple(elts=[_, _])):
                    yield _Swap(node)
                case ast.Constant(value=bool()):
                    pass
                case ast.Constant(value=int() | float()):
                    yield _Constant(node)
                case ast.BinOp(op=ast.Add() | ast.Sub()) | ast.AugAssign(op=ast.Add() | ast.Sub()):
                    yield _Sign(node)
                case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()]):
                    yield _Edge(node)


def _is_text(statement) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Drop:
    def __init__(self, suite, position):
        self.suite, self.position = suite, position

    def __call__(self):
        statement = self.suite[self.position]
        self.suite[self.position] = ast.Pass(lineno=statement.lineno, col_offset=0)
        return statement.lineno, f"without `{ast.unparse(statement).splitlines()[0]}`"


class _Swap:
    def __init__(self, node):
        self.node = node

    def __call__(self):
        before = ast.unparse(self.node)
        self.node.slice.elts.reverse()
        return self.node.lineno, f"`{ast.unparse(self.node)}` for `{before}`"


class _Constant:
    def __init__(self, node):
        self.node = node

    def __call__(self):
        before = self.node.value
        self.node.value = before + 1
        return self.node.lineno, f"{before + 1} for {before}"


class _Sign:
    def __init__(self, node):
        self.node = node

    def __call__(self):
        self.node.op = ast.Sub() if isinstance(self.node.op, ast.Add) else ast.Add()
        return self.node.lineno, f"the other sign: `{ast.unparse(self.node)}`"


class _Edge:
    def __init__(self, node):
        self.node = node

    def __call__(self):
        other = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
        self.node.ops = [other[type(self.node.ops[0])]()]
        return self.node.lineno, f"the edge: `{ast.unparse(self.node)}`"
