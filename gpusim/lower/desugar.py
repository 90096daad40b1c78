"""Sugar: Python's other ways to say what lowering knows.

A list that a loop runs over, or that `in` looks through, is a tuple to Numba; `match` is a chain of `if`s.
"""

from __future__ import annotations

import ast
from itertools import count

from gpusim.errors import KernelError
from gpusim.kernel.source import Kernel
from gpusim.places import Site


class Plain(ast.NodeTransformer):
    """Rewrites a function, in place, with fewer kinds of statements. Raises `KernelError` for patterns of structure."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._numbers = count(1)

    def visit_For(self, node: ast.For) -> ast.AST:
        node.iter = _as_tuple(node.iter)
        return self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        node.comparators = [
            _as_tuple(part) if isinstance(op, (ast.In, ast.NotIn)) else part
            for op, part in zip(node.ops, node.comparators, strict=True)
        ]
        return self.generic_visit(node)

    def visit_Match(self, node: ast.Match) -> ast.AST | list[ast.AST]:
        """`subject = ...`, and then the first case whose pattern and guard hold."""
        self.generic_visit(node)
        name = f"__match{next(self._numbers)}"
        start = ast.Assign([ast.Name(name, ast.Store())], node.subject)
        rest: list[ast.stmt] = []
        for case in reversed(node.cases):
            rest = self._case(case, name, rest)
        whole: list[ast.AST] = [start, *rest]
        return [ast.fix_missing_locations(ast.copy_location(part, node)) for part in whole]

    def _case(self, case: ast.match_case, subject: str, rest: list[ast.stmt]) -> list[ast.stmt]:
        test, captured = self._test(case.pattern, subject)
        body = case.body
        if captured is not None:
            value = ast.Name(subject, ast.Load())
            capture: ast.stmt = ast.Assign([ast.Name(captured, ast.Store())], value)
            if case.guard is not None and test is None:  # the guard may read the name
                guarded = ast.If(case.guard, body, rest)
                return [ast.copy_location(part, body[0]) for part in (capture, guarded)]
            body = [ast.copy_location(capture, body[0]), *body]
        if case.guard is not None:
            test = case.guard if test is None else ast.BoolOp(ast.And(), [test, case.guard])
        return body if test is None else [ast.copy_location(ast.If(test, body, rest), case.pattern)]

    def _test(self, pattern: ast.pattern, subject: str) -> tuple[ast.expr | None, str | None]:
        """The condition of a pattern (None: it always fits), and the name that it gives the subject."""
        match pattern:
            case ast.MatchValue():
                return ast.Compare(ast.Name(subject, ast.Load()), [ast.Eq()], [pattern.value]), None
            case ast.MatchSingleton():
                return ast.Compare(ast.Name(subject, ast.Load()), [ast.Is()], [ast.Constant(pattern.value)]), None
            case ast.MatchOr():
                tests = [self._test(part, subject)[0] for part in pattern.patterns]
                known = [test for test in tests if test is not None]
                return (ast.BoolOp(ast.Or(), known) if len(known) == len(tests) else None), None
            case ast.MatchAs(pattern=None):
                return None, pattern.name
        text = f"case {ast.unparse(pattern)}"
        raise KernelError(
            f"`{text}` cannot be used in a kernel; cases there are constants, several of them with |, a name, or _",
            Site(self._kernel.name, self._kernel.file, pattern.lineno, text),
        )


def _as_tuple(node: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Tuple(node.elts, ast.Load()), node) if isinstance(node, ast.List) else node
