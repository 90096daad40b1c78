"""Facts about a function's source that lowering needs: its variables, its exits, what a statement costs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_SCOPES = (ast.FunctionDef, ast.Lambda)


def walk_scope(nodes: list[ast.stmt] | list[ast.AST]) -> Iterator[ast.AST]:
    """All nodes below `nodes`, without the bodies of nested functions."""
    stack: list[ast.AST] = list(nodes)
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, _SCOPES):
            stack.extend(ast.iter_child_nodes(node))


def assigned_names(body: list[ast.stmt]) -> set[str]:
    """Variables that a function body assigns: Python's rule for what is local."""
    names = {
        node.id
        for node in walk_scope(body)
        if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del))
    }
    return names | {node.name for node in walk_scope(body) if isinstance(node, ast.FunctionDef)}


def may_exit(body: list[ast.stmt]) -> bool:
    """Can some lanes leave this suite early, by `return`, `break` or `continue`?"""
    return any(_exits(statement, in_loop=False) for statement in body)


def _exits(node: ast.stmt, in_loop: bool) -> bool:
    if isinstance(node, (ast.Return, ast.Raise)):
        return True
    if isinstance(node, (ast.Break, ast.Continue)):
        return not in_loop
    if isinstance(node, (ast.For, ast.While)):
        return any(_exits(child, True) for child in node.body) or any(_exits(child, in_loop) for child in node.orelse)
    if isinstance(node, ast.If):
        return any(_exits(child, in_loop) for child in (*node.body, *node.orelse))
    return False


def instruction_count(node: ast.AST) -> int:
    """Operators, calls and memory accesses that a statement or expression evaluates itself."""
    counted = (
        ast.BinOp,
        ast.UnaryOp,
        ast.BoolOp,
        ast.Compare,
        ast.Call,
        ast.IfExp,
        ast.Subscript,
        ast.AugAssign,
    )
    if isinstance(node, ast.For):
        node = node.iter
    elif isinstance(node, (ast.While, ast.If)):
        node = node.test
    return max(1, sum(isinstance(part, counted) for part in ast.walk(node)))
