"""Lowering of assignments and other statements that do not change the path of a thread."""

from __future__ import annotations

import ast
from functools import partial

from gpusim.lower.expressions import Expressions
from gpusim.lower.namespace import policy
from gpusim.simt.semantics import items, statements
from gpusim.simt.semantics.attributes import attribute


class Assignments(Expressions):
    """Turns assignments, `assert` and `raise` of one function into statements over lanes.

    A variable is assigned for all lanes at once, whichever are active: where paths meet, each lane gets the value
    of its own path (gpusim.simt.joins).
    """

    def _assign_statement(self, node: ast.Assign) -> list[ast.stmt]:
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
                return self._parallel(target, node.value, node)
            return self.bind(target, value, node)
        name = self.fresh()
        out: list[ast.stmt] = [ast.Assign([ast.Name(name, ast.Store())], self.expression(node.value))]
        for target in node.targets:
            out.extend(self.bind(target, ast.Name(name, ast.Load()), node))
        return out

    def _parallel(self, target: ast.Tuple, value: ast.Tuple, node: ast.stmt) -> list[ast.stmt]:
        """`a, b = x, y`: all values first, then all names (so that each array knows the name it gets)."""
        names, out = [], []
        for goal, part in zip(target.elts, value.elts, strict=True):
            self.assigning = goal.id if isinstance(goal, ast.Name) else None
            names.append(self.fresh())
            out.append(ast.Assign([ast.Name(names[-1], ast.Store())], self.expression(part)))
            self.assigning = None
        for goal, name in zip(target.elts, names, strict=True):
            out.extend(self.bind(goal, ast.Name(name, ast.Load()), node))  # type: ignore[arg-type]
        return out  # type: ignore[return-value]

    def bind(self, target: ast.expr, value: ast.expr, node: ast.stmt) -> list[ast.stmt]:
        """`target = value` for any kind of target."""
        if isinstance(target, ast.Name):
            return [ast.Assign([ast.Name(target.id, ast.Store())], value), *self.announced(target.id)]
        if isinstance(target, ast.Subscript):
            return [
                ast.Expr(
                    policy(
                        "paths",
                        "store",
                        self.expression(target.value),
                        self.index(target.slice),
                        value,
                        self.store_site(target),
                    )
                )
            ]
        if isinstance(target, ast.Attribute):
            base, name = self.expression(target.value), ast.Constant(target.attr)
            return [ast.Expr(self.namespace.call(items.store_attribute, base, name, value, self.site(target)))]
        if isinstance(target, (ast.Tuple, ast.List)):
            whole = self.fresh()
            count = ast.Constant(len(target.elts))
            unpack = self.namespace.call(items.unpack, value, count, self.site(node))
            out: list[ast.stmt] = [ast.Assign([ast.Name(whole, ast.Store())], unpack)]
            for position, part in enumerate(target.elts):
                if isinstance(part, ast.Starred):
                    raise self.fail(node, "a starred target cannot be used in a kernel")
                item = ast.Subscript(ast.Name(whole, ast.Load()), ast.Constant(position), ast.Load())
                out.extend(self.bind(part, item, node))
            return out
        raise self.fail(node, f"cannot assign to `{self.text(target)}` in a kernel")

    def announced(self, name: str) -> list[ast.stmt]:
        """In a program to be followed: a variable has got a value."""
        if not self.programs.followed:
            return []
        arguments = self.namespace.bind(self.reached), ast.Constant(name), ast.Name(name, ast.Load())
        return [ast.Expr(self.namespace.call(statements.assigned, *arguments))]

    def _annassign_statement(self, node: ast.AnnAssign) -> list[ast.stmt]:
        return [] if node.value is None else self.bind(node.target, self.expression(node.value), node)

    def _augassign_statement(self, node: ast.AugAssign) -> list[ast.stmt]:
        target = node.target
        value = self.expression(node.value)
        if isinstance(target, ast.Name):
            result = self.operator(node.op, ast.Name(target.id, ast.Load()), value, node)
            return self.bind(target, result, node)
        base, place = self.fresh(), self.fresh()
        out: list[ast.stmt] = [ast.Assign([ast.Name(base, ast.Store())], self.expression(target.value))]
        site = self.site(target)
        if isinstance(target, ast.Attribute):
            name = ast.Constant(target.attr)
            old = self.namespace.call(attribute, ast.Name(base, ast.Load()), name, site)
            new = self.operator(node.op, old, value, node)
            out.append(
                ast.Expr(self.namespace.call(items.store_attribute, ast.Name(base, ast.Load()), name, new, site))
            )
            return out
        out.append(ast.Assign([ast.Name(place, ast.Store())], self.index(target.slice)))
        where = (ast.Name(base, ast.Load()), ast.Name(place, ast.Load()))
        new = self.operator(node.op, policy("paths", "load", *where, site), value, node)
        out.append(ast.Expr(policy("paths", "store", *where, new, site)))
        return out

    def _expr_statement(self, node: ast.Expr) -> list[ast.stmt]:
        return [ast.Expr(self.expression(node.value))]

    def _pass_statement(self, node: ast.Pass) -> list[ast.stmt]:
        return []

    def _delete_statement(self, node: ast.Delete) -> list[ast.stmt]:
        return []

    def _global_statement(self, node: ast.Global) -> list[ast.stmt]:
        """`global name` says nothing about a name that is only read, and others cannot be written."""
        written = [name for name in node.names if name in self.locals]
        if written:
            raise self.fail(node, f"a kernel cannot assign to the global '{written[0]}'; write to an array")
        return []

    def _assert_statement(self, node: ast.Assert) -> list[ast.stmt]:
        message = ast.Constant("") if node.msg is None else self.expression(node.msg)
        return [ast.Expr(policy("paths", "check", self.expression(node.test), message, self.site(node)))]

    def _raise_statement(self, node: ast.Raise) -> list[ast.stmt]:
        return [ast.Expr(policy("paths", "raised", self._exception(node), self.site(node)))]

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
