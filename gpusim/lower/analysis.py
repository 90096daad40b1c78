"""Facts about a function's source that lowering needs: its variables, exits, and private variables."""

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


def may_return(body: list[ast.stmt]) -> bool:
    """Can some lanes return from the function in this suite?"""
    return any(isinstance(node, (ast.Return, ast.Raise)) for node in walk_scope(body))


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


def suites(body: list[ast.stmt]) -> Iterator[tuple[list[ast.stmt], set[str]]]:
    """Every nested suite of a function, with the names that are set each time it is entered."""
    for node in walk_scope(body):
        if isinstance(node, ast.For):
            yield node.body, _targets(node.target)
            yield node.orelse, set()
        elif isinstance(node, (ast.While, ast.If)):
            yield node.body, set()
            yield node.orelse, set()


def _targets(target: ast.expr) -> set[str]:
    return {node.id for node in ast.walk(target) if isinstance(node, ast.Name)}


def private_names(body: list[ast.stmt]) -> dict[int, set[str]]:
    """For each nested suite (by `id`), the variables that live and die within one execution of it.

    Such a variable is set by a statement of the suite itself before anything reads it, and nothing
    outside the rest of the suite mentions it. Lanes that do not execute the suite never see it, so
    an assignment to it needs no mask.
    """
    total = _mentions(body)
    nested = {
        node.id
        for scope in walk_scope(body)
        if isinstance(scope, _SCOPES)
        for node in ast.walk(scope)
        if isinstance(node, ast.Name)
    }
    private: dict[int, set[str]] = {}
    for suite, preset in suites(body):
        names = {name for name in preset if _mentions(suite).get(name, 0) + 1 == total[name]}
        for position, statement in enumerate(suite):
            name = _sets(statement)
            if name is None or name in names or name in nested:
                continue
            if _mentions(suite[position:]).get(name, 0) == total[name]:
                names.add(name)
        private[id(suite)] = names - nested
    return private


def _sets(statement: ast.stmt) -> str | None:
    """The variable that a plain assignment sets without reading it."""
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name) and target.id not in _mentions([ast.Expr(statement.value)]):
            return target.id
    return None


def _mentions(body: list[ast.stmt]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                counts[node.id] = counts.get(node.id, 0) + 1
    return counts


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
