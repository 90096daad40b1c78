"""The changes that make a right kernel wrong: each is the mistake of somebody who has not thought of one thing.

A defect edits the text, so that comments and layout stay, and knows the line where it was planted.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """`lines` of the file after the change, `line` where it lies (from 1), `what` was done in words."""

    lines: tuple[str, ...]
    line: int
    what: str

    @property
    def text(self) -> str:
        """The whole file."""
        return "\n".join(self.lines) + "\n"


def defects(text: str) -> Iterator[Defect]:
    """Every defect that can be planted into the functions of a file, in the order of the text."""
    lines = text.splitlines()
    functions = [node for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)]
    for function in functions:
        for suite in _suites(function):
            for before, statement in zip([None, *suite], suite, strict=False):
                for plant in _PLANTS:
                    yield from plant(lines, statement, before)


def _barrier_dropped(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    if _is_barrier(node) and node.end_lineno == node.lineno:
        yield _replaced(lines, node.lineno, "pass", "a barrier was dropped")


def _barrier_in_branch(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    """The barrier behind an `if` moves into it, where some threads do not come."""
    if _is_barrier(node) and isinstance(before, ast.If) and not before.orelse and before.end_lineno == node.lineno - 1:
        indented = "    " + lines[node.lineno - 1].strip()
        yield _replaced(lines, node.lineno, indented, "a barrier was moved into a branch")


def _guard_dropped(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    """The body of an `if` that guards a store runs for all threads."""
    if isinstance(node, ast.If) and not node.orelse and any(map(_is_store, node.body)):
        first, last = node.body[0].lineno, node.end_lineno or node.lineno
        changed = [*lines[: node.lineno - 1], *(line[4:] for line in lines[first - 1 : last]), *lines[last:]]
        yield Defect(tuple(changed), node.lineno, "a guard was dropped")


def _edge_moved(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Compare) and len(node.test.ops) == 1:
        other = {ast.Lt: (" < ", " <= "), ast.Gt: (" > ", " >= ")}.get(type(node.test.ops[0]))
        line = lines[node.lineno - 1]
        if other and line.count(other[0]) == 1:
            yield _replaced(lines, node.lineno, line.strip().replace(*other), "a bound is off by one")


def _neighbour_lost(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    """An index next door, or a padded row: `i + 1` becomes `i`."""
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        for part in ast.walk(node):
            match part:
                case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=1)):
                    yield _segment(lines, part, ast.unparse(left), "an index or an extent is off by one")


def _atomic_dropped(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="add"), args=[target, index, value]) as call):
            plain = f"{ast.unparse(target)}[{ast.unparse(index).strip('()')}] += {ast.unparse(value)}"
            yield _segment(lines, call, plain, "an atomic became a load and a store")


def _mask_cut(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr):
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and part.value == 0xFFFFFFFF:
                yield _segment(lines, part, "0xFFFF", "a mask names half of the warp")


def _sum_overwritten(lines: list[str], node: ast.stmt, before: ast.stmt | None) -> Iterator[Defect]:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add) and node.lineno == node.end_lineno:
        line = lines[node.lineno - 1].strip()
        yield _replaced(lines, node.lineno, line.replace("+=", "=", 1), "a sum keeps its last term only")


_PLANTS: tuple[Callable[[list[str], ast.stmt, ast.stmt | None], Iterator[Defect]], ...] = (
    _barrier_dropped,
    _barrier_in_branch,
    _guard_dropped,
    _edge_moved,
    _neighbour_lost,
    _atomic_dropped,
    _mask_cut,
    _sum_overwritten,
)


def _suites(function: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(function):
        for name in ("body", "orelse"):
            suite = getattr(node, name, None)
            if isinstance(suite, list) and suite:
                yield suite


def _is_barrier(node: ast.stmt) -> bool:
    match node:
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="syncthreads"))):
            return True
    return False


def _is_store(node: ast.stmt) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
    return any(isinstance(target, ast.Subscript) for target in targets)


def _replaced(lines: list[str], line: int, new: str, what: str) -> Defect:
    """One line changed; its indentation stays."""
    old = lines[line - 1]
    indent = old[: len(old) - len(old.lstrip())]
    return Defect((*lines[: line - 1], indent + new, *lines[line:]), line, what)


def _segment(lines: list[str], node: ast.expr, new: str, what: str) -> Defect:
    """One expression changed, that stands on one line."""
    number = node.lineno
    old = lines[number - 1].encode()
    changed = old[: node.col_offset] + new.encode() + old[node.end_col_offset if node.end_lineno == number else None :]
    return Defect((*lines[: number - 1], changed.decode(), *lines[number:]), number, what)
