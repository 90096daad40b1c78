"""What may stand in a learner's file, judged from its text before any of it runs.

A puzzle is solved by a kernel. So a file holds imports, constants and functions, and nothing that acts
when it is imported: no statement at module level calls anything but the constructors of numbers and
constant arrays, decorators are those that make kernels, and imports come from Numba, NumPy and `math`.
A file cannot, then, compute a result on the host, replace a function of the checker, or leave the
sandbox. A block under `if __name__ == "__main__":` is free to do what it likes, since the checker never
executes it.
"""

from __future__ import annotations

import ast
import builtins

MODULES = ("numba", "numpy", "math", "cmath", "__future__", "typing")

DECORATORS = ("numba.cuda.jit", "numba.njit", "numba.jit")

NUMBERS = ("bool", "int", "float", "complex", "min", "max", "abs", "round", "len", "range", "tuple")

NUMPY = ("array", "zeros", "ones", "full", "arange", "linspace", "eye", "dtype")

DTYPES = (
    *(f"{kind}{bits}" for kind in ("int", "uint") for bits in (8, 16, 32, 64)),
    *("float16", "float32", "float64", "complex64", "complex128", "boolean", "bool_", "intp", "uintp"),
)

CALLS = {
    *(f"builtins.{name}" for name in NUMBERS),
    *(f"numpy.{name}" for name in NUMPY + DTYPES),
    *(f"numba.{name}" for name in DTYPES),
    *(f"numba.types.{name}" for name in DTYPES),
}

EXPRESSIONS = (
    *(ast.Constant, ast.Name, ast.Attribute, ast.Tuple, ast.List, ast.Dict, ast.Subscript, ast.Slice),
    *(ast.Call, ast.keyword, ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp),
    *(ast.operator, ast.unaryop, ast.boolop, ast.cmpop, ast.expr_context),
)


class Refused(Exception):
    """The file cannot be checked; the message says why in one sentence."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


def parse(text: str) -> ast.Module:
    """The file's syntax tree. Raises Refused with Python's own words for a syntax error."""
    try:
        return ast.parse(text)
    except SyntaxError as error:
        shown = f": {error.text.strip()}" if error.text else ""
        raise Refused(f"This is not Python yet: {error.msg}{shown}", error.lineno) from None
    except (ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"This is not Python: {error or type(error).__name__}.") from None


def puzzle_id(tree: ast.Module) -> str | None:
    """The value of the line `PUZZLE = "..."`, or None."""
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name("PUZZLE")], value=ast.Constant(str() as name)):
                return name
    return None


def inspect_file(tree: ast.Module) -> None:
    """Raises Refused for the first statement that a puzzle file may not hold."""
    gate = _Gate(tree)
    for node in tree.body:
        gate.statement(node)
    if "kernel" not in gate.functions:
        raise Refused("The file defines no kernel: expected `@cuda.jit` and below it `def kernel(...):`.")


class _Gate:
    """Knows what the module's names stand for: the full name of what is imported, or of a builtin.

    A name that the file defines itself stands for nothing that may be called while importing.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        self.meaning = {name: f"builtins.{name}" for name in dir(builtins)}
        own = set(self.functions)
        for node in tree.body:
            if isinstance(node, ast.Import):
                self.meaning |= dict(_bound(alias) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                self.meaning |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                own |= {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in own:
            self.meaning.pop(name, None)

    def statement(self, node: ast.stmt) -> None:
        """Raises Refused unless the statement may stand at module level."""
        match node:
            case ast.Import(names=aliases):
                for alias in aliases:
                    self._module(alias.name, node.lineno)
            case ast.ImportFrom(module=module, names=aliases, level=level):
                self._module("." * level + (module or ""), node.lineno)
                if any(alias.name == "*" for alias in aliases):
                    raise Refused("Import names one by one: `import *` hides what they are.", node.lineno)
            case ast.FunctionDef():
                self._function(node)
            case ast.Assign(targets=targets, value=value) if all(map(_is_plain_target, targets)):
                self._expression(value)
            case ast.AnnAssign(target=ast.Name(), value=value, annotation=annotation):
                self._expression(annotation)
                if value is not None:
                    self._expression(value)
            case ast.Expr(value=ast.Constant()) | ast.Pass():
                pass
            case ast.If(test=test, orelse=[]) if ast.unparse(test) == "__name__ == '__main__'":
                pass
            case _:
                raise self._refusal(f"`{_first_line(node)}`", node.lineno)

    def _module(self, name: str, line: int) -> None:
        if name.partition(".")[0] not in MODULES:
            raise Refused(
                f"A puzzle file may import {', '.join(MODULES[:4])} only, not {name!r}; device "
                "functions belong in the "
                "same file.",
                line,
            )

    def _function(self, node: ast.FunctionDef) -> None:
        for decorator in node.decorator_list:
            maker = decorator.func if isinstance(decorator, ast.Call) else decorator
            if self._full_name(maker) not in DECORATORS:
                raise Refused(
                    f"`@{ast.unparse(decorator)}` is not a decorator for kernels; use `@cuda.jit` or, "
                    "for a function "
                    "that kernels call, `@cuda.jit(device=True)`.",
                    decorator.lineno,
                )
            if isinstance(decorator, ast.Call):
                if decorator.args:
                    raise Refused(
                        f"Leave the signature out of `@{ast.unparse(decorator)}`: with one, Numba compiles for "
                        "a GPU as soon as the file is imported.",
                        decorator.lineno,
                    )
                for argument in (*decorator.args, *decorator.keywords):
                    self._expression(argument)
        arguments = node.args
        evaluated = [*arguments.defaults, *filter(None, arguments.kw_defaults), *filter(None, [node.returns])]
        every = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        evaluated += [argument.annotation for argument in every if argument.annotation]
        for expression in evaluated:
            self._expression(expression)

    def _expression(self, root: ast.AST) -> None:
        for node in ast.walk(root):
            line = getattr(node, "lineno", getattr(root, "lineno", None))
            if not isinstance(node, EXPRESSIONS):
                raise self._refusal(f"`{ast.unparse(root)}`", line)
            if isinstance(node, ast.Call) and self._full_name(node.func) not in CALLS:
                raise self._refusal(f"the call `{ast.unparse(node)}`", line)

    def _full_name(self, node: ast.expr) -> str | None:
        match node:
            case ast.Name(id=name):
                return self.meaning.get(name)
            case ast.Attribute(value=value, attr=attribute):
                owner = self._full_name(value)
                return owner and f"{owner}.{attribute}"
        return None

    @staticmethod
    def _refusal(what: str, line: int | None) -> Refused:
        return Refused(
            f"A puzzle file holds imports, constants and functions; {what} would do work on the host. "
            "Move it into the "
            'kernel, or under `if __name__ == "__main__":`.',
            line,
        )


def _bound(alias: ast.alias) -> tuple[str, str]:
    """The name that an `import` binds, and what it stands for: `import a.b` binds `a`."""
    top = alias.name.partition(".")[0]
    return (alias.asname, alias.name) if alias.asname else (top, top)


def _is_plain_target(target: ast.expr) -> bool:
    """Whether an assignment makes a name of the file, and changes no attribute of anything else."""
    if isinstance(target, ast.Tuple):
        return all(map(_is_plain_target, target.elts))
    return isinstance(target, ast.Name)


def _first_line(node: ast.stmt) -> str:
    return ast.unparse(node).partition("\n")[0]
