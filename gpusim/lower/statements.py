"""Lowering of statements: assignments, branches, loops, returns, and what they do to the mask."""

from __future__ import annotations

import ast
from functools import partial

from gpusim.lower.analysis import (
    assigned_names,
    instruction_count,
    may_exit,
    may_return,
    private_names,
)
from gpusim.lower.expressions import Expressions, _spoken
from gpusim.lower.namespace import RUNTIME, method, runtime
from gpusim.observe.base import Block
from gpusim.simt.values import UNDEFINED

_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Assert)
_FRAME = "__f"


class Statements(Expressions):
    """Turns the body of one function into statements over lanes."""

    def function(self, node: ast.FunctionDef | ast.Lambda, name: str) -> ast.FunctionDef:
        """The whole function: `def name(__t, <parameters>)`."""
        self.loops: list[str] = []
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
        self.private = private_names(body)
        frame = ast.Assign([ast.Name(_FRAME, ast.Store())], runtime("call"))
        start: list[ast.stmt] = [
            ast.Assign([ast.Name(variable, ast.Store())], self.namespace.bind(UNDEFINED))
            for variable in sorted(variables - set(named))
        ]
        lowered = self.suite(body, level=0)
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

    def suite(self, body: list[ast.stmt], level: int) -> list[ast.stmt]:
        """A list of statements. What follows a statement that lanes may leave runs only if some are left."""
        private = self.private.get(id(body), set()) if level else None
        out: list[ast.stmt] = []
        target = out
        position = 0
        while position < len(body):
            straight = []
            while position < len(body) and isinstance(body[position], _SIMPLE):
                straight.append(body[position])
                position += 1
            self._straight(straight, private, target)
            if position == len(body):
                break
            statement = body[position]
            position += 1
            target.extend(self.statement(statement, level, private))
            if isinstance(statement, (ast.Return, ast.Break, ast.Continue, ast.Raise)):
                break
            if may_exit([statement]) and position < len(body):
                guard = ast.If(_some_lane(), [], [])
                target.append(ast.copy_location(guard, statement))
                target = guard.body
        if target is not out and not target:
            target.append(ast.Pass())
        return out

    def _straight(self, statements: list[ast.stmt], private: set[str] | None, out: list[ast.stmt]) -> None:
        """Statements without control flow, announced together."""
        statements = [s for s in statements if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))]
        if not statements:
            return
        counts: dict[int, int] = {}
        for statement in statements:
            counts[statement.lineno] = counts.get(statement.lineno, 0) + instruction_count(statement)
        out.append(self._issue(counts, statements[0]))
        for statement in statements:
            for lowered in self.statement(statement, 0 if private is None else 1, private):
                out.append(ast.copy_location(lowered, statement))

    def _issue(self, counts: dict[int, int], node: ast.stmt) -> ast.stmt:
        block = Block(self.kernel.file, tuple(counts.items()))
        return ast.copy_location(ast.Expr(runtime("issue", self.namespace.bind(block))), node)

    def statement(self, node: ast.stmt, level: int, private: set[str] | None) -> list[ast.stmt]:
        lower = getattr(self, f"_{type(node).__name__.lower()}_statement", None)
        if lower is None:
            raise self.fail(node, f"{_spoken(node)} cannot be used in a kernel")
        result: list[ast.stmt] = lower(node, level, private)
        return result

    # Assignments

    def _assign_statement(self, node: ast.Assign, level: int, private: set[str] | None) -> list[ast.stmt]:
        if len(node.targets) == 1:
            target = node.targets[0]
            self.assigning = target.id if isinstance(target, ast.Name) else None
            value = self.expression(node.value)
            self.assigning = None
            if (
                isinstance(target, ast.Tuple)
                and isinstance(node.value, ast.Tuple)
                and len(target.elts) == len(node.value.elts)
            ):
                return self._parallel(target, node.value, private, node)
            return self.bind(target, value, private, node)
        name = self.fresh()
        out: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], self.expression(node.value))]
        for target in node.targets:
            out.extend(self.bind(target, ast.Name(name, ast.Load()), private, node))
        return out

    def _parallel(
        self, target: ast.Tuple, value: ast.Tuple, private: set[str] | None, node: ast.stmt
    ) -> list[ast.stmt]:
        """`a, b = x, y`: all values first, then all names (so that each array knows the name it gets)."""
        names, out = [], []
        for goal, part in zip(target.elts, value.elts, strict=True):
            self.assigning = goal.id if isinstance(goal, ast.Name) else None
            names.append(self.fresh())
            out.append(ast.Assign([ast.Name(names[-1], ast.Store())], self.expression(part)))
            self.assigning = None
        for goal, name in zip(target.elts, names, strict=True):
            out.extend(self.bind(goal, ast.Name(name, ast.Load()), private, node))  # type: ignore[arg-type]
        return out  # type: ignore[return-value]

    def bind(self, target: ast.expr, value: ast.expr, private: set[str] | None, node: ast.stmt) -> list[ast.stmt]:
        """`target = value` for any kind of target; `private is None` means that every live lane is active."""
        if isinstance(target, ast.Name):
            if private is not None and target.id not in private:
                value = runtime("assign", ast.Name(target.id, ast.Load()), value)
            return [ast.Assign([ast.Name(target.id, ast.Store())], value)]
        if isinstance(target, ast.Subscript):
            return [
                ast.Expr(
                    runtime(
                        "store",
                        self.expression(target.value),
                        self.index(target.slice),
                        value,
                        self.site(target),
                    )
                )
            ]
        if isinstance(target, ast.Attribute):
            base, name = self.expression(target.value), ast.Constant(target.attr)
            return [ast.Expr(runtime("store_attribute", base, name, value, self.site(target)))]
        if isinstance(target, (ast.Tuple, ast.List)):
            whole = self.fresh()
            count = ast.Constant(len(target.elts))
            unpack = runtime("unpack", value, count, self.site(node))
            out: list[ast.stmt] = [ast.Assign([ast.Name(whole, ast.Store())], unpack)]
            for position, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    raise self.fail(node, "a starred target cannot be used in a kernel")
                item = ast.Subscript(ast.Name(whole, ast.Load()), ast.Constant(position), ast.Load())
                out.extend(self.bind(part, item, private, node))
            return out
        raise self.fail(node, f"cannot assign to `{self.text(target)}` in a kernel")

    def _annassign_statement(self, node: ast.AnnAssign, level: int, private: set[str] | None) -> list[ast.stmt]:
        return [] if node.value is None else self.bind(node.target, self.expression(node.value), private, node)

    def _augassign_statement(self, node: ast.AugAssign, level: int, private: set[str] | None) -> list[ast.stmt]:
        target = node.target
        value = self.expression(node.value)
        if isinstance(target, ast.Name):
            result = self.operator(node.op, ast.Name(target.id, ast.Load()), value, node)
            return self.bind(target, result, private, node)
        base, place = self.fresh(), self.fresh()
        out: list[ast.stmt] = [ast.Assign([ast.Name(base, ast.Store())], self.expression(target.value))]
        site = self.site(target)
        if isinstance(target, ast.Attribute):
            name = ast.Constant(target.attr)
            old = runtime("attribute", ast.Name(base, ast.Load()), name, site)
            new = self.operator(node.op, old, value, node)
            out.append(ast.Expr(runtime("store_attribute", ast.Name(base, ast.Load()), name, new, site)))
            return out
        out.append(ast.Assign([ast.Name(place, ast.Store())], self.index(target.slice)))
        where = (ast.Name(base, ast.Load()), ast.Name(place, ast.Load()))
        new = self.operator(node.op, runtime("load", *where, site), value, node)
        out.append(ast.Expr(runtime("store", *where, new, site)))
        return out

    def _expr_statement(self, node: ast.Expr, level: int, private: set[str] | None) -> list[ast.stmt]:
        return [ast.Expr(self.expression(node.value))]

    def _pass_statement(self, node: ast.Pass, level: int, private: set[str] | None) -> list[ast.stmt]:
        return []

    def _delete_statement(self, node: ast.Delete, level: int, private: set[str] | None) -> list[ast.stmt]:
        return []

    def _assert_statement(self, node: ast.Assert, level: int, private: set[str] | None) -> list[ast.stmt]:
        message = ast.Constant("") if node.msg is None else self.expression(node.msg)
        return [ast.Expr(runtime("check", self.expression(node.test), message, self.site(node)))]

    def _raise_statement(self, node: ast.Raise, level: int, private: set[str] | None) -> list[ast.stmt]:
        return [_located(ast.Expr(runtime("raised", self._exception(node), self.site(node))), node)]

    def _exception(self, node: ast.Raise) -> ast.expr:
        """A function that makes what is raised: a class, or a call of one with arguments of the kernel."""
        target = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        kind = None if target is None else self.static(target)
        if not (isinstance(kind, type) and issubclass(kind, Exception)):
            raise self.fail(node, f"`{self.text(node)}`: a kernel can raise classes of exceptions only")
        given = node.exc.args if isinstance(node.exc, ast.Call) else []
        return ast.Call(
            self.namespace.bind(partial), [self.namespace.bind(kind), *(self.expression(part) for part in given)], []
        )

    # Control flow

    def _if_statement(self, node: ast.If, level: int, private: set[str] | None) -> list[ast.stmt]:
        branch = self.fresh()
        test = self.expression(node.test)
        site = self.site(node, f"if {self.text(node.test)}")
        out: list[ast.stmt] = [
            self._issue({node.lineno: instruction_count(node)}, node),
            ast.Assign([ast.Name(branch, ast.Store())], runtime("branch", test, site)),
        ]
        exits = may_exit(node.body) or may_exit(node.orelse)
        for side, body in (("then", node.body), ("other", node.orelse)):
            if not body:
                continue
            lanes = ast.Attribute(ast.Name(branch, ast.Load()), side, ast.Load())
            inner = [_set_mask(lanes), *self.suite(body, level + 1)]
            if exits:
                inner.append(ast.Assign([ast.Attribute(ast.Name(branch, ast.Load()), side, ast.Store())], _mask()))
            is_some = ast.Compare(lanes, [ast.IsNot()], [ast.Constant(None)])
            out.append(ast.If(is_some, inner, []))
        if exits:
            out.append(ast.Expr(runtime("rejoin", ast.Name(branch, ast.Load()))))
            if level == 0:
                out.append(_all_live())
        else:
            out.append(_set_mask(ast.Attribute(ast.Name(branch, ast.Load()), "outer", ast.Load())))
        return [_located(statement, node) for statement in out]

    def _while_statement(self, node: ast.While, level: int, private: set[str] | None) -> list[ast.stmt]:
        loop = self.fresh()
        site = self.site(node, f"while {self.text(node.test)}")
        test = method(loop, "test", self.expression(node.test))
        start = ast.Assign([ast.Name(loop, ast.Store())], runtime("repeat", site))
        return self._loop(node, loop, start, test, [], level)

    def _for_statement(self, node: ast.For, level: int, private: set[str] | None) -> list[ast.stmt]:
        loop = self.fresh()
        site = self.site(node, f"for {self.text(node.target)} in {self.text(node.iter)}")
        start = ast.Assign([ast.Name(loop, ast.Store())], runtime("each", self.expression(node.iter), site))
        value = ast.Attribute(ast.Name(loop, ast.Load()), "value", ast.Load())
        set_target = self.bind(node.target, value, self.private.get(id(node.body), set()), node)
        return self._loop(node, loop, start, method(loop, "test"), set_target, level)

    def _loop(
        self,
        node: ast.While | ast.For,
        loop: str,
        start: ast.stmt,
        test: ast.expr,
        prologue: list[ast.stmt],
        level: int,
    ) -> list[ast.stmt]:
        """while True: test (which says which lanes go on); body; let the lanes meet that skipped the rest."""
        self.loops.append(loop)
        body = self.suite(node.body, level + 1)
        self.loops.pop()
        count = self._issue({node.lineno: instruction_count(node)}, node)
        leave = ast.If(ast.UnaryOp(ast.Not(), test), [ast.Break()], [])
        steps: list[ast.stmt] = [count, leave, *prologue, *body]
        if may_exit(node.body):
            steps.append(ast.If(ast.UnaryOp(ast.Not(), method(loop, "next")), [ast.Break()], []))
        out: list[ast.stmt] = [start, ast.While(ast.Constant(True), steps, [])]
        if node.orelse:
            after = [*self.suite(node.orelse, level + 1), ast.Expr(method(loop, "after_otherwise"))]
            out.append(ast.If(method(loop, "otherwise"), after, []))
        out.append(ast.Expr(method(loop, "close")))
        if level == 0 and may_return([*node.body, *node.orelse]):
            out.append(_all_live())
        return [_located(statement, node) for statement in out]

    def _break_statement(self, node: ast.Break, level: int, private: set[str] | None) -> list[ast.stmt]:
        return [_located(ast.Expr(method(self.loops[-1], "leave")), node)]

    def _continue_statement(self, node: ast.Continue, level: int, private: set[str] | None) -> list[ast.stmt]:
        return [_located(ast.Expr(method(self.loops[-1], "skip")), node)]

    def _return_statement(self, node: ast.Return, level: int, private: set[str] | None) -> list[ast.stmt]:
        values = [] if node.value is None else [self.expression(node.value)]
        out: list[ast.stmt] = []
        if node.value is not None:
            out.append(self._issue({node.lineno: instruction_count(node)}, node))
        out.append(ast.Expr(method(_FRAME, "leave", *values)))
        return [_located(statement, node) for statement in out]

    def _functiondef_statement(self, node: ast.FunctionDef, level: int, private: set[str] | None) -> list[ast.stmt]:
        """A nested function: lowered in place, it sees the variables around it as Python closures do."""
        saved = (self.locals, self.private, self.loops)
        self.loops = []
        inner = self._define(node, node.name, node.body, outer_locals=self.locals)
        self.locals, self.private, self.loops = saved
        return [inner]


def _located(statement: ast.stmt, node: ast.AST) -> ast.stmt:
    return ast.fix_missing_locations(ast.copy_location(statement, node))


def _mask() -> ast.expr:
    return ast.Attribute(ast.Name(RUNTIME, ast.Load()), "mask", ast.Load())


def _set_mask(value: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Attribute(ast.Name(RUNTIME, ast.Load()), "mask", ast.Store())], value)


def _all_live() -> ast.stmt:
    """After lanes have returned at the outermost level, those that are active are all that live."""
    return ast.Assign([ast.Attribute(ast.Name(RUNTIME, ast.Load()), "live", ast.Store())], _mask())


def _some_lane() -> ast.expr:
    return ast.Compare(_mask(), [ast.IsNot()], [ast.Constant(None)])
