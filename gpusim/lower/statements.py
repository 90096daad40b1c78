"""Lowering of functions, suites and control flow: branches, loops, returns, and what they do to the mask."""

from __future__ import annotations

import ast

import numpy as np

from gpusim.events.statements import Block, Statement
from gpusim.lower.analysis import assigned_names, instruction_count, may_exit
from gpusim.lower.assignments import Assignments
from gpusim.lower.copies import copies
from gpusim.lower.expressions import _spoken
from gpusim.lower.liveness import Liveness, is_endless
from gpusim.lower.namespace import RUNTIME, method, policy
from gpusim.lower.pruning import UNKNOWN
from gpusim.simt.semantics.control import rejoin
from gpusim.simt.semantics.statements import issue, reach
from gpusim.simt.values import UNDEFINED

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert)
_FRAME = "__f"


class Statements(Assignments):
    """Turns the body of one function into statements over lanes."""

    def function(self, node: ast.FunctionDef | ast.Lambda, name: str) -> ast.FunctionDef:
        """The whole function: `def name(__t, <parameters>)`."""
        body: list[ast.stmt]
        if isinstance(node, ast.Lambda):
            body = [ast.copy_location(ast.Return(node.body), node)]
        else:
            body = node.body
        return self._define(node, name, body, outer_locals=set())

    def _define(
        self, node: ast.FunctionDef | ast.Lambda, name: str, body: list[ast.stmt], outer_locals: set[str]
    ) -> ast.FunctionDef:
        if node.args.kwarg:
            raise self.fail(node, f"'{name}' takes **{node.args.kwarg.arg}, which kernels cannot")
        parameters = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
        rest = node.args.vararg
        named = [*parameters, *(argument.arg for argument in node.args.kwonlyargs), *([rest.arg] if rest else ())]
        variables = assigned_names(body)
        self.locals = outer_locals | set(named) | variables
        self.liveness = Liveness(body)
        self.copies |= copies(body, set(named))
        self.loops: list[_Loop] = []
        frame = ast.Assign([_store(_FRAME)], policy("paths", "call", self.join(("",), node)))
        start: list[ast.stmt] = [
            ast.Assign([_store(variable)], self.namespace.bind(UNDEFINED))
            for variable in sorted(variables - set(named))
        ]
        lowered = [*self._entered(node, named), *self.suite(body)]
        end = ast.Return(method(_FRAME, "end"))
        arguments = ast.arguments(
            posonlyargs=[],
            args=[ast.arg(RUNTIME), *(ast.arg(parameter) for parameter in parameters)],
            vararg=ast.arg(rest.arg) if rest else None,
            kwonlyargs=[ast.arg(argument.arg) for argument in node.args.kwonlyargs],
            kw_defaults=[None if default is None else self.expression(default) for default in node.args.kw_defaults],
            defaults=[self.expression(default) for default in node.args.defaults],
        )
        result = ast.parse(f"def {name}(): pass").body[0]  # with the fields that this Python's nodes have
        assert isinstance(result, ast.FunctionDef)
        result.args = arguments
        result.body = [*start, frame, *lowered, end]
        return ast.fix_missing_locations(ast.copy_location(result, node))

    # Suites

    def suite(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """A list of statements. What follows a statement that lanes may leave runs only if some are left."""
        out: list[ast.stmt] = []
        target = out
        position = 0
        while position < len(body):
            straight = []
            while position < len(body) and isinstance(body[position], _SIMPLE):
                straight.append(body[position])
                position += 1
            target.extend(self._straight(straight))
            if position == len(body):
                break
            statement = body[position]
            position += 1
            target.extend(self.statement(statement))
            if isinstance(statement, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
                break
            if may_exit([statement]) and position < len(body):
                guard = ast.If(_some_lane(), [], [])
                target.append(ast.copy_location(guard, statement))
                target = guard.body
        if target is not out and not target:
            target.append(ast.Pass())
        return out

    def _straight(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        """Statements without control flow, announced together."""
        statements = [s for s in statements if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        if not statements:
            return []
        counts: dict[int, int] = {}
        for statement in statements:
            counts[statement.lineno] = counts.get(statement.lineno, 0) + instruction_count(statement)
        out = [self._issue(counts, statements[0])]
        for statement in statements:
            out.extend(self.statement(statement))
        return out

    def _issue(self, counts: dict[int, int], node: ast.stmt) -> ast.stmt:
        block = Block(self.kernel.file, tuple(counts.items()))
        return ast.copy_location(ast.Expr(self.namespace.call(issue, self.namespace.bind(block))), node)

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        lower = getattr(self, f"_{type(node).__name__.lower()}_statement", None)
        if lower is None:
            raise self.fail(node, f"{_spoken(node)} cannot be used in a kernel")
        announced: list[ast.stmt] = []
        if not isinstance(node, (ast.For, ast.While, ast.FunctionDef, ast.Pass)):  # loops announce each of their tests
            announced = self._reached(node, node.test if isinstance(node, ast.If) else node)
        result: list[ast.stmt] = [*announced, *lower(node)]
        return [ast.fix_missing_locations(ast.copy_location(statement, node)) for statement in result]

    def _reached(self, node: ast.stmt, end: ast.AST) -> list[ast.stmt]:
        """In a program to be followed: a statement, from its first line to the last one of `end`, is reached."""
        if not self.programs.followed:
            return []
        last = getattr(end, "end_lineno", None) or node.lineno
        self.reached = Statement(self.inside, self.kernel.file, node.lineno, last)
        return [ast.copy_location(ast.Expr(self.namespace.call(reach, self.namespace.bind(self.reached))), node)]

    def _entered(self, node: ast.FunctionDef | ast.Lambda, parameters: list[str]) -> list[ast.stmt]:
        """In a program to be followed: a function starts, and its parameters have values."""
        if not self.programs.followed or isinstance(node, ast.Lambda):
            return []
        return [*self._reached(node, node.args), *(part for name in parameters for part in self.announced(name))]

    # Branches

    def _if_statement(self, node: ast.If) -> list[ast.stmt]:
        """Each side starts from the variables before the `if`, and the two meet after it."""
        branch = self.fresh()
        names, aside = self.liveness.after[id(node)], self.liveness.aside[id(node)]
        site = self.site(node, f"if {self.text(node.test)}")
        decided = [ast.Constant(True)] if self.pruning.is_decided(node.test) else []
        known = self.pruning.value(node.test)
        test = self.expression(node.test) if known is UNKNOWN else self.namespace.bind(np.bool_(known))
        out: list[ast.stmt] = [
            self._issue({node.lineno: instruction_count(node)}, node),
            ast.Assign([_store(branch)], policy("paths", "branch", test, site, *decided)),
        ]
        exits = may_exit(node.body) or may_exit(node.orelse)
        before, then = self.fresh(), self.fresh()
        if aside:
            out.append(ast.Assign([_store(before)], _values(aside)))
        for side, body in (("then", node.body), ("other", node.orelse)):
            if side == "other" and body and aside:
                out += [ast.Assign([_store(then)], _values(names)), ast.Assign([_targets(aside)], _load(before))]
            if not body or (known is not UNKNOWN and bool(known) is not (side == "then")):
                continue  # Numba leaves it out, too
            lanes = ast.Attribute(_load(branch), side, ast.Load())
            inner = [_set_mask(lanes), *self.suite(body)]
            if exits:
                inner.append(ast.Assign([ast.Attribute(_load(branch), side, ast.Store())], _mask()))
            is_some = ast.Compare(lanes, [ast.IsNot()], [ast.Constant(None)])
            out.append(ast.If(is_some, inner, []))
        if exits:
            out.append(ast.Expr(self.namespace.call(rejoin, _load(branch))))
        else:
            out.append(_set_mask(ast.Attribute(_load(branch), "outer", ast.Load())))
        if names:
            sides = (_load(then), _values(names)) if node.orelse else (_values(names), _load(before))
            met = policy("paths", "join", _load(branch), self.join(names, node), *sides)
            out.append(ast.Assign([_targets(names)], met))
        return out

    # Loops

    def _while_statement(self, node: ast.While) -> list[ast.stmt]:
        site = self.site(node, f"while {self.text(node.test)}")
        start = policy("paths", "repeat", site, ast.Constant(is_endless(node)))
        return self._loop(node, start, [self.expression(node.test)], None)

    def _for_statement(self, node: ast.For) -> list[ast.stmt]:
        site = self.site(node, f"for {self.text(node.target)} in {self.text(node.iter)}")
        return self._loop(node, policy("paths", "each", self.expression(node.iter), site), [], node.target)

    def _loop(
        self, node: ast.While | ast.For, start: ast.expr, test: list[ast.expr], item: ast.expr | None
    ) -> list[ast.stmt]:
        """while True: test (which says which lanes go on); body; let the lanes meet that skipped the rest.

        Variables that the next iteration reads meet at its start, those that are read afterwards where the loop ends.
        """
        loop = _Loop(self.fresh(), self.liveness.again[id(node)], self.liveness.after[id(node)])
        again, after = self.join(loop.again, node), self.join(loop.after, node)
        self.loops.append(loop)
        body = self.suite(node.body)
        self.loops.pop()
        steps: list[ast.stmt] = [
            *self._reached(node, node.iter if isinstance(node, ast.For) else node.test),
            self._issue({node.lineno: instruction_count(node)}, node),
            ast.If(ast.UnaryOp(ast.Not(), method(loop.name, "test", *test, _values(loop.after))), [ast.Break()], []),
        ]
        if item is not None:
            steps += self.bind(item, ast.Attribute(_load(loop.name), "value", ast.Load()), node)
        steps += body
        exits = may_exit(node.body)
        if exits or loop.again:
            steps += self._assign(loop.again, method(loop.name, "next", _values(loop.again)))
        if exits:
            steps.append(ast.If(ast.UnaryOp(ast.Not(), _some_lane()), [ast.Break()], []))
        out: list[ast.stmt] = [ast.Assign([_store(loop.name)], start)]
        if loop.again:
            out += self._assign(loop.again, method(loop.name, "begin", again, _values(loop.again)))
        out.append(ast.While(ast.Constant(True), steps, []))
        if node.orelse:
            out += self._assign(loop.after, method(loop.name, "otherwise", _values(loop.after)))
            rest = [*self.suite(node.orelse), ast.Expr(method(loop.name, "after_otherwise", _values(loop.after)))]
            out.append(ast.If(_some_lane(), rest, []))
        return [*out, *self._assign(loop.after, method(loop.name, "close", after, _values(loop.after)))]

    def _assign(self, names: tuple[str, ...], value: ast.expr) -> list[ast.stmt]:
        return [ast.Assign([_targets(names)], value) if names else ast.Expr(value)]

    def _break_statement(self, node: ast.Break) -> list[ast.stmt]:
        loop = self.loops[-1]
        return [ast.Expr(method(loop.name, "leave", _values(loop.after)))]

    def _continue_statement(self, node: ast.Continue) -> list[ast.stmt]:
        loop = self.loops[-1]
        return [ast.Expr(method(loop.name, "skip", _values(loop.again)))]

    # Functions

    def _return_statement(self, node: ast.Return) -> list[ast.stmt]:
        if node.value is None:
            return [ast.Expr(method(_FRAME, "leave"))]
        issue = self._issue({node.lineno: instruction_count(node)}, node)
        return [issue, ast.Expr(method(_FRAME, "leave", self.expression(node.value)))]

    def _functiondef_statement(self, node: ast.FunctionDef) -> list[ast.stmt]:
        """A nested function: lowered in place, it sees the variables around it as Python closures do."""
        saved = (self.inside, self.locals, self.liveness, self.loops)
        self.inside = node.name
        inner = self._define(node, node.name, node.body, outer_locals=self.locals)
        self.inside, self.locals, self.liveness, self.loops = saved
        return [inner]


class _Loop:
    """A loop around the statements that are being lowered: its name, and the variables that meet in it."""

    def __init__(self, name: str, again: tuple[str, ...], after: tuple[str, ...]) -> None:
        self.name = name
        self.again = again
        self.after = after


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())


def _store(name: str) -> ast.expr:
    return ast.Name(name, ast.Store())


def _values(names: tuple[str, ...]) -> ast.expr:
    return ast.Tuple([ast.Name(name, ast.Load()) for name in names], ast.Load())


def _targets(names: tuple[str, ...]) -> ast.expr:
    return ast.Tuple([ast.Name(name, ast.Store()) for name in names], ast.Store())


def _mask() -> ast.expr:
    return ast.Attribute(ast.Name(RUNTIME, ast.Load()), "mask", ast.Load())


def _set_mask(value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Attribute(ast.Name(RUNTIME, ast.Load()), "mask", ast.Store())], value)


def _some_lane() -> ast.expr:
    return ast.Compare(_mask(), [ast.IsNot()], [ast.Constant(None)])
