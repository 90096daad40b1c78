"""The module level of a learner's file: what may stand there, and what it binds. None of it is executed."""

from __future__ import annotations
import __future__

import ast

from puzzles.check.gate import vocabulary
from puzzles.check.gate.constants import Constants, not_constant
from puzzles.check.gate.refusal import Refused, quoted
from puzzles.check.gate.scope import Scope

_IMPORTABLE = "numba, numpy, math and cmath"

_ANNOTATIONS = (ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.Subscript, ast.Slice, ast.BinOp, ast.BitOr)

_ANSWERS = (ast.Constant, ast.Tuple, ast.List, ast.Set, ast.UnaryOp, ast.USub, ast.Load)


def read(tree: ast.Module) -> Scope:
    """The names that a file binds. Raises Refused for the first statement that may not stand in a puzzle file."""
    reader = _Reader()
    for node in tree.body:
        reader.statement(node)
    return reader.scope


def is_answer(value: ast.expr) -> bool:
    """Whether an expression can be an answer: a number, a word, cells."""
    return all(isinstance(part, _ANSWERS) for part in ast.walk(value))


class _Reader:
    def __init__(self) -> None:
        self.scope = Scope()
        self.constants = Constants(self.scope.meaning, self.scope.constants)

    def statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    self._import(alias, node.lineno)
            case ast.ImportFrom():
                self._import_from(node)
            case ast.FunctionDef():
                self._function(node)
            case ast.Assign(targets=[ast.Name("PREDICTION")], value=value):
                if not is_answer(value):
                    raise Refused("PREDICTION is a number, a word, or cells as (0, 1), (1, 1).", node.lineno)
                self.scope.bind("PREDICTION", node.lineno)  # an answer, not a constant: only ever read as text
            case ast.Assign(targets=targets, value=value):
                held = self.constants.evaluate(value)
                for target in targets:
                    self._bind(target, held, node)
            case ast.AnnAssign(target=ast.Name() as target, value=value, annotation=annotation):
                self._annotation(annotation)
                if value is not None:
                    self._bind(target, self.constants.evaluate(value), node)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.If(test=test, orelse=[]) if ast.unparse(test) == "__name__ == '__main__'":
                pass
            case _:
                raise not_constant(node)

    def _import(self, alias: ast.alias, line: int) -> None:
        """`import a.b` binds a; `import a.b as c` binds c to a.b."""
        if alias.name not in vocabulary.namespaces() or alias.name == "builtins":
            if alias.name not in vocabulary.SILENT:
                raise _no_module(alias.name, line)
            self._bind_import(alias.asname or alias.name.partition(".")[0], None, line)
            return
        name = alias.asname or alias.name.partition(".")[0]
        self._bind_import(name, alias.name if alias.asname else name, line)

    def _import_from(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for alias in node.names:
            if alias.name == "*":
                raise Refused("Import names one by one: `import *` hides what they are.", node.lineno)
            full = f"{module}.{alias.name}"
            if module == "__future__" and alias.name not in __future__.all_feature_names:
                raise Refused(f"Python has no feature {alias.name!r} to import from __future__.", node.lineno)
            if module in vocabulary.SILENT:
                self._bind_import(alias.asname or alias.name, None, node.lineno)
            elif module not in vocabulary.namespaces() or module == "builtins":
                raise _no_module(module, node.lineno)
            elif not _is_word(full):
                raise Refused(f"`{full}` is not a word of kernels, so a puzzle file cannot import it.", node.lineno)
            else:
                self._bind_import(alias.asname or alias.name, full, node.lineno)

    def _bind_import(self, name: str, full: str | None, line: int) -> None:
        if name in self.scope.imports and self.scope.imports[name] == full:
            return
        self.scope.bind(name, line)
        self.scope.imports[name] = full

    def _bind(self, target: ast.expr, value: object, node: ast.stmt) -> None:
        match target:
            case ast.Name(id=name):
                self.scope.bind(name, node.lineno)
                self.scope.constants[name] = value
            case ast.Tuple(elts=parts) if isinstance(value, tuple) and len(parts) == len(value):
                for part, held in zip(parts, value, strict=True):
                    self._bind(part, held, node)
            case _:
                raise not_constant(node)

    def _function(self, node: ast.FunctionDef) -> None:
        self.scope.bind(node.name, node.lineno)
        self.scope.functions[node.name] = node
        if getattr(node, "type_params", None):
            raise Refused(f"`{node.name}` has type parameters, which kernels cannot have.", node.lineno)
        for decorator in node.decorator_list:
            self._decorator(decorator)
        arguments = node.args
        for argument in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
            if argument.annotation:
                self._annotation(argument.annotation)
        if node.returns:
            self._annotation(node.returns)
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            self.constants.evaluate(default)

    def _decorator(self, decorator: ast.expr) -> None:
        maker = decorator.func if isinstance(decorator, ast.Call) else decorator
        if self.scope.meaning(maker) not in vocabulary.DECORATORS:
            raise Refused(
                f"`@{quoted(decorator)}` is not a decorator for kernels; use `@cuda.jit` or, for a function that "
                "kernels call, `@cuda.jit(device=True)`.",
                decorator.lineno,
            )
        if not isinstance(decorator, ast.Call):
            return
        if decorator.args:
            raise Refused(
                f"Leave the signature out of `@{quoted(decorator)}`: the checker compiles for the arguments it passes.",
                decorator.lineno,
            )
        for keyword in decorator.keywords:
            is_plain = isinstance(keyword.value, ast.Constant) and isinstance(keyword.value.value, bool | int | str)
            if keyword.arg not in vocabulary.DECORATOR_OPTIONS or not is_plain:
                raise Refused(
                    f"`@{quoted(decorator)}`: leave the option {keyword.arg or '**'} out here.",
                    decorator.lineno,
                )

    def _annotation(self, annotation: ast.expr) -> None:
        """Annotations are dropped unread; one that would act is a mistake or a trick."""
        for part in ast.walk(annotation):
            if isinstance(part, ast.expr) and not isinstance(part, _ANNOTATIONS):
                raise not_constant(annotation)


def _is_word(full: str) -> bool:
    known = full in vocabulary.namespaces() or full in vocabulary.DECORATORS
    return known or vocabulary.find(full) is not vocabulary.MISSING


def _no_module(name: str, line: int) -> Refused:
    return Refused(
        f"A puzzle file may import {_IMPORTABLE} only, not {name!r}; device functions belong in the same file.", line
    )
