"""Liveness: which variables later statements may still read.

Where paths of a program meet, the variables of each path become one: at the end of an `if`, when a loop starts
its next iteration, and when it ends. Only variables that somebody may read afterwards need that. The analysis is
the classical one, backwards over the statements (Aho, Lam, Sethi, Ullman, "Compilers", section 9.2.5), made simple
by structured control flow.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from gpusim.lower.analysis import assigned_names

Names = frozenset[str]
_NONE: Names = frozenset()


class Liveness:
    """For each `if` and each loop of a function body, the variables that meet there, in alphabetical order.

    `after[node]`: variables assigned inside that may be read after the statement (or by the `else` of a loop);
    `again[node]`: variables assigned inside a loop that its next iteration (or what follows) may read;
    `aside[node]`: variables that one side of an `if` assigns and the other side, or what follows, may read as they
    were. Keys are `id(node)`.
    """

    def __init__(self, body: list[ast.stmt]) -> None:
        self.after: dict[int, tuple[str, ...]] = {}
        self.again: dict[int, tuple[str, ...]] = {}
        self.aside: dict[int, tuple[str, ...]] = {}
        self._captured = _captured(body)
        self._suite(body, _NONE, [])

    def _suite(self, body: Sequence[ast.stmt], live: Names, loops: list[tuple[Names, Names]]) -> Names:
        """The variables that may be read at the start of a suite, given those at its end.

        `loops` holds, for every loop around it, what is live after the loop and at its next iteration.
        """
        for statement in reversed(body):
            live = self._statement(statement, live | self._captured, loops)
        return live | self._captured

    def _statement(self, node: ast.stmt, live: Names, loops: list[tuple[Names, Names]]) -> Names:
        match node:
            case ast.If():
                self._note(self.after, node, live, (*node.body, *node.orelse))
                then, other = self._suite(node.body, live, loops), self._suite(node.orelse, live, loops)
                self._note(self.aside, node, live | other, (*node.body, *node.orelse))
                return _reads(node.test) | then | other
            case ast.While():
                return self._loop(node, live, loops, _reads(node.test), _NONE)
            case ast.For():
                target = _reads(node.target)
                return self._loop(node, live, loops, target, _written(node.target)) | _reads(node.iter)
            case ast.Return() | ast.Raise():
                return _reads(node)
            case ast.Break():
                return loops[-1][0]
            case ast.Continue():
                return loops[-1][1]
            case ast.Assign():
                written = frozenset().union(*map(_written, node.targets))
                return (live - written) | _reads(node)
            case ast.AnnAssign() if node.value is not None:
                return (live - _written(node.target)) | _reads(node.value) | _reads(node.target)
            case ast.AugAssign():
                return live | _reads(node) | _written(node.target)
            case ast.AnnAssign() | ast.Delete():
                return live
        return live | _reads(node)

    def _loop(
        self,
        node: ast.While | ast.For,
        live: Names,
        loops: list[tuple[Names, Names]],
        reads: Names,
        target: Names,
    ) -> Names:
        """What is live at the test of a loop: the least set that agrees with itself after one more iteration."""
        leaves = self._suite(node.orelse, live, loops)
        at_test = reads | (_NONE if is_endless(node) else leaves)
        while True:
            body = self._suite(node.body, at_test, [*loops, (live, at_test)]) - target
            if body | at_test == at_test:
                break
            at_test |= body
        inside = [*node.body, *node.orelse]
        self._note(self.after, node, live | leaves, inside, target)
        self._note(self.again, node, at_test, inside, target)
        return at_test

    def _note(
        self,
        table: dict[int, tuple[str, ...]],
        node: ast.stmt,
        live: Names,
        body: Sequence[ast.stmt],
        target: Names = _NONE,
    ) -> None:
        table[id(node)] = tuple(sorted(live & (assigned_names(list(body)) | target)))


def is_endless(node: ast.While | ast.For) -> bool:
    """A `while True`, which compiled code leaves by `break` or `return` only."""
    return isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)


def _reads(node: ast.AST) -> Names:
    """The names that an expression or a simple statement reads."""
    return frozenset(
        part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)
    )


def _written(target: ast.expr) -> Names:
    """The variables that an assignment to `target` replaces."""
    if isinstance(target, ast.Name):
        return frozenset({target.id})
    if isinstance(target, (ast.Tuple, ast.List)):
        return frozenset().union(*map(_written, target.elts))
    return _NONE


def _captured(body: list[ast.stmt]) -> Names:
    """Variables that nested functions read, at whatever time they are called."""
    nodes = (node for statement in body for node in ast.walk(statement))
    return frozenset().union(*(_reads(node) for node in nodes if isinstance(node, (ast.FunctionDef, ast.Lambda))))
