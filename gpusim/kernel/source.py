"""What a kernel is: a Python function with its source, its parameters and the constants it can see.

Numba freezes the globals and closure variables of a kernel when it compiles it; `Kernel.constant`
looks them up in the same order as Python does (closure, module globals, builtins).
"""

from __future__ import annotations

import ast
import builtins
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import FunctionType
from typing import Any

from gpusim.errors import KernelError
from gpusim.kernel.dialects import Package, package_of
from gpusim.kernel.sourceless import remember_command
from gpusim.places import Site, shown_path


@dataclass(frozen=True, eq=False)
class Kernel:
    """A kernel or device function, read from its source.

    `tree` carries the line numbers of the file, and columns of `lines`, which is the source text as written, from
    `first_line` on (decorators included). `package` is the one that it is written for, `constants` are those of its
    globals and closure variables whose values have been read before.
    """

    name: str
    function: FunctionType
    file: str
    first_line: int
    lines: tuple[str, ...]
    tree: ast.FunctionDef | ast.Lambda
    package: Package
    constants: Mapping[str, Any] = field(default_factory=dict)

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(argument.arg for argument in (*self.tree.args.posonlyargs, *self.tree.args.args))

    @property
    def rest(self) -> str | None:
        """The name behind the star of a kernel that takes any number of arguments."""
        return None if self.tree.args.vararg is None else self.tree.args.vararg.arg

    def quote(self, node: ast.AST) -> str:
        """A part of the tree as it is written, or on one line if it takes several."""
        line, last = getattr(node, "lineno", None), getattr(node, "end_lineno", None)
        if line is None or line != last:
            return ast.unparse(node)
        text = self.lines[line - self.first_line].encode()
        return text[node.col_offset : node.end_col_offset].decode()  # type: ignore[attr-defined]

    @property
    def site(self) -> Site:
        """Where it is defined."""
        return Site(self.name, self.file, self.first_line, self.name)

    def constant(self, name: str) -> Any:
        """The object a free name stands for; raises `KeyError` when there is none."""
        if name in self.constants:
            return self.constants[name]
        code = self.function.__code__
        if name in code.co_freevars and self.function.__closure__ is not None:
            cell = self.function.__closure__[code.co_freevars.index(name)]
            try:
                return cell.cell_contents
            except ValueError:
                raise KeyError(name) from None
        if name in self.function.__globals__:
            return self.function.__globals__[name]
        return vars(builtins)[name]

    @staticmethod
    def of(target: Any) -> Kernel:
        """Read a `@cuda.jit` dispatcher or a plain function.

        Raises `KernelError` when `target` is neither, or when its source text cannot be found.
        """
        function = python_function(target)
        if function is None:
            raise KernelError(
                f"cannot simulate {target!r}: give a function decorated with @cuda.jit, or a plain Python function"
            )
        name = function.__name__
        if function.__code__.co_filename == "<string>" and function.__module__ == "__main__":
            remember_command()
        file = inspect.getsourcefile(function) or function.__code__.co_filename
        try:
            lines, first_line = inspect.getsourcelines(function)
        except (OSError, TypeError):
            raise KernelError(
                f"kernel '{name}' ({shown_path(file)}) has no source text to read: "
                "define it in a file or a notebook cell, not with exec() (which works after gpusim.install())"
            ) from None
        tree = _parse("".join(lines), function, max(first_line, 1))
        if tree is None:
            raise KernelError(
                f"cannot find the definition of '{name}' in its source text", Site(name, file, first_line, name)
            )
        if tree.args.kwarg:
            place = Site(name, file, tree.lineno, name)
            raise KernelError(f"'{name}' takes **{tree.args.kwarg.arg}, which kernels cannot", place)
        source = tuple(line.rstrip("\n") for line in lines)
        return Kernel(name, function, file, max(first_line, 1), source, tree, package_of(target))


@dataclass(frozen=True)
class SourceBlock:
    """The source of the kernel or of a device function it called."""

    name: str
    file: str
    first_line: int
    lines: tuple[str, ...]

    @staticmethod
    def of(kernel: Kernel) -> SourceBlock:
        return SourceBlock(kernel.name, kernel.file, kernel.first_line, kernel.lines)


def python_function(target: Any) -> FunctionType | None:
    """The Python function behind a dispatcher (`.py_func`), or the function itself; None for anything else."""
    function = getattr(target, "py_func", target)
    return function if isinstance(function, FunctionType) else None


def is_dispatcher(target: Any) -> bool:
    """Is this what `@cuda.jit` or `@njit` returns?"""
    return isinstance(getattr(target, "py_func", None), FunctionType) and isinstance(target, Callable)  # type: ignore[arg-type]


def _parse(text: str, function: FunctionType, first_line: int) -> ast.FunctionDef | ast.Lambda | None:
    """The syntax tree of one function, with the file's own line numbers and columns."""
    try:
        if text[:1].isspace():  # not dedented: a continuation line or a string may be indented less than the `def`
            module = ast.parse("if True:\n" + text)
            first_line -= 1
        else:
            module = ast.parse(text)
    except SyntaxError:
        return None
    ast.increment_lineno(module, first_line - 1)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and node.name == function.__code__.co_name:
            return node
        if isinstance(node, ast.Lambda) and tuple(argument.arg for argument in node.args.args) == names:
            return node
    return None
