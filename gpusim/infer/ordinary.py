"""Kernels so ordinary that Numba need not be asked whether it compiles them.

To ask Numba costs most of a second in a process that has not asked before, and milliseconds afterwards. Most kernels
need no judge: they compute with numbers, read and write single elements of arrays, and call what every GPU program
calls. This is the list of what Numba surely takes. Whatever is not on it is unusual, and unusual does not mean wrong:
Numba is asked. Types (may these two be added?) are left to the rehearsal, whose rules are Numba's own.

`tests/gpusim/test_ordinary.py` compares the list with Numba's judgement.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.infer.surely import ATOMICS, Sure, sure
from gpusim.kernel.source import Kernel, is_dispatcher, python_function
from gpusim.lower.analysis import assigned_names
from gpusim.simt.joins import ArrayType, Type

NUMBERS = frozenset(map(np.dtype, "?bhilqBHILQfd"))
ATOMIC_NUMBERS = frozenset(map(np.dtype, "ilqILQfd")) - {np.dtype(np.int8), np.dtype(np.int16)}

NUMBER = 0
Kind = int
"""What a variable is: NUMBER, or an array of so many dimensions."""

_OPERATORS = (
    ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow,
    ast.BitAnd, ast.BitOr, ast.BitXor, ast.LShift, ast.RShift,
)  # fmt: skip
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_SIGNS = (ast.USub, ast.UAdd, ast.Not, ast.Invert)
_OPTIONS = frozenset({"device", "fastmath", "lineinfo", "cache", "opt", "max_registers", "launch_bounds", "lto"})


class _Unusual(Exception):
    """Something that is not on the list."""


def is_ordinary(kernel: Kernel, arguments: Iterable[Type]) -> bool:
    """Does a kernel with arguments of these types use only what Numba compiles for a GPU, as far as syntax tells?"""
    dtypes: set[np.dtype] = set()
    try:
        kinds = [_kind(ty, dtypes) for ty in arguments]
        _Function(kernel, kinds, (kernel.function,), dtypes).check(device=False)
    except (_Unusual, KernelError):
        return False
    return True


def has_plain_options(options: Mapping[str, Any]) -> bool:
    """Do the options of `@cuda.jit` change nothing about what compiles?"""
    return all(name in _OPTIONS or not value or (name, value) == ("inline", "never") for name, value in options.items())


def _kind(ty: Type, dtypes: set[np.dtype]) -> Kind:
    if isinstance(ty, np.dtype) and ty in NUMBERS:
        return NUMBER
    if isinstance(ty, ArrayType) and ty.ndim and ty.dtype in NUMBERS:
        dtypes.add(ty.dtype)
        return ty.ndim
    raise _Unusual


class _Function:
    """One function and the kinds of its variables, in the order of its text."""

    def __init__(
        self, kernel: Kernel, kinds: Sequence[Kind], running: tuple[FunctionType, ...], dtypes: set[np.dtype]
    ) -> None:
        """`running`: the functions that are being called; `dtypes`: those of all arrays, as they become known."""
        if not isinstance(kernel.tree, ast.FunctionDef) or kernel.function.__defaults__:
            raise _Unusual
        given = kernel.tree.args
        if given.posonlyargs or given.kwonlyargs or given.vararg or given.kwarg or len(given.args) != len(kinds):
            raise _Unusual
        self._kernel = kernel
        self._body = kernel.tree.body
        self._running = running
        self._dtypes = dtypes
        self._kinds = dict(zip(kernel.parameters, kinds, strict=True))
        self._locals = assigned_names(self._body) | set(kernel.parameters)
        self._device = False

    def check(self, device: bool) -> Kind | None:
        """The kind of what the function returns; raises `_Unusual`."""
        self._device = device
        results = [part for node in self._body for part in ast.walk(node) if isinstance(part, ast.Return)]
        gives = [result.value is not None for result in results]
        if any(gives) and not (device and all(gives) and _always_returns(self._body)):
            raise _Unusual
        self._suite(self._body)
        return NUMBER if any(gives) else None

    # Statements

    def _suite(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._statement(statement)

    def _statement(self, node: ast.stmt) -> None:
        match node:
            case ast.Pass() | ast.Break() | ast.Continue() | ast.Return(value=None):
                pass
            case ast.Return(value=value) if value is not None:
                self._number(value)
            case ast.Expr(value=ast.Constant(value=str())):
                pass
            case ast.Expr(value=ast.Call() as call):
                self._call(call)
            case ast.Assign(targets=[ast.Name() as name], value=value):
                self._bind(name, self._made(value))
            case ast.Assign(targets=[ast.Tuple(elts=targets)], value=value):
                self._several(value, len(targets))
                for target in targets:
                    self._bind(target, NUMBER)
            case ast.Assign(targets=[ast.Subscript() as target], value=value):
                self._number(value)
                self._number(target)
            case ast.AugAssign(target=ast.Name() | ast.Subscript() as target, op=op, value=value):
                if isinstance(op, ast.Div) and isinstance(target, ast.Subscript):
                    raise _Unusual  # Numba fails over `a[i] /= x` where the array holds 64-bit integers
                self._operator(op, _OPERATORS)
                self._number(value)
                self._number(target)
            case ast.If(test=test, body=body, orelse=orelse):
                self._condition(test)
                self._suite(body)
                self._suite(orelse)
            case ast.While(test=test, body=body, orelse=[]):
                if not (isinstance(test, ast.Constant) and test.value is True):
                    self._condition(test)
                self._suite(body)
            case ast.For(target=target, iter=ast.Call(func=func, args=args, keywords=[]), body=body, orelse=[]):
                if self._object(func) is not range or not 1 <= len(args) <= 3:
                    raise _Unusual
                self._numbers(args)
                self._bind(target, NUMBER)
                self._suite(body)
            case _:
                raise _Unusual

    def _bind(self, target: ast.expr, kind: Kind) -> None:
        if not isinstance(target, ast.Name) or self._kinds.setdefault(target.id, kind) != kind:
            raise _Unusual

    def _made(self, value: ast.expr) -> Kind:
        """The kind of the right-hand side of `name = value`: a number, or a new array."""
        known = sure(self._object(value.func)) if isinstance(value, ast.Call) and not self._is_local(value) else None
        if known is not Sure.ARRAY:
            self._number(value)
            return NUMBER
        assert isinstance(value, ast.Call)
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        given |= dict(zip(("shape", "dtype"), value.args, strict=False))
        if set(given) != {"shape", "dtype"} or len(given) != len(value.args) + len(value.keywords):
            raise _Unusual
        numbers = self._object(given["dtype"])
        if sure(numbers) is not Sure.TYPE:
            raise _Unusual
        try:
            dtype = np.dtype(getattr(numbers, "name", None) or numbers)
        except TypeError:
            raise _Unusual from None
        if dtype not in NUMBERS:
            raise _Unusual
        self._dtypes.add(dtype)
        shape = given["shape"]
        parts = shape.elts if isinstance(shape, ast.Tuple) else [shape]
        for part in parts:
            extent = part.value if isinstance(part, ast.Constant) else self._object(part)
            if type(extent) is not int or not 0 < extent < 1 << 31:
                raise _Unusual
        return len(parts)

    def _several(self, value: ast.expr, count: int) -> None:
        """The right-hand side of `a, b = value`: so many numbers."""
        match value:
            case ast.Tuple(elts=parts) if len(parts) == count:
                self._numbers(parts)
            case ast.Attribute(value=ast.Name(id=name), attr="shape") if self._kinds.get(name) == count:
                pass
            case ast.Call(func=func, args=[ast.Constant(value=int(dimensions))], keywords=[]):
                if sure(self._object(func)) is not Sure.POSITION or dimensions != count or not 2 <= count <= 3:
                    raise _Unusual
            case _:
                raise _Unusual

    def _condition(self, node: ast.expr) -> None:
        """A condition that Numba does not decide when it compiles."""
        self._number(node)
        if not any(
            isinstance(part, ast.Call)
            or (isinstance(part, ast.Name) and part.id in self._locals)
            or (isinstance(part, ast.Attribute) and part.attr in ("x", "y", "z"))
            for part in ast.walk(node)
        ):
            raise _Unusual

    # Expressions

    def _numbers(self, nodes: Iterable[ast.expr]) -> None:
        for node in nodes:
            self._number(node)

    def _number(self, node: ast.expr) -> None:
        """Raises `_Unusual` unless the expression is an ordinary one that gives a number."""
        match node:
            case ast.Constant(value=value):
                self._constant(value)
            case ast.Name(id=name) if name in self._locals:
                self._is(name, NUMBER)
            case ast.BinOp(left=left, op=op, right=right):
                self._operator(op, _OPERATORS)
                self._numbers((left, right))
            case ast.UnaryOp(op=op, operand=operand):
                self._operator(op, _SIGNS)
                self._number(operand)
            case ast.Compare(left=left, ops=ops, comparators=others):
                for comparison in ops:
                    self._operator(comparison, _COMPARISONS)
                self._numbers((left, *others))
            case ast.BoolOp(values=parts):
                for part in parts:
                    self._condition(part)
            case ast.IfExp(test=test, body=body, orelse=orelse):
                self._condition(test)
                self._numbers((body, orelse))
            case ast.Subscript():
                self._element(node)
            case ast.Attribute(value=ast.Name(id=name), attr="size") if name in self._locals:
                self._array(name)
            case ast.Attribute(value=base, attr="x" | "y" | "z") if not self._is_local(base):
                if sure(self._object(base)) is not Sure.INDEX:
                    raise _Unusual
            case ast.Name() | ast.Attribute():
                value = self._object(node)
                if sure(value) is not Sure.VALUE:
                    self._constant(value)
            case ast.Call():
                if self._call(node) != NUMBER:
                    raise _Unusual
            case _:
                raise _Unusual

    def _element(self, node: ast.Subscript) -> None:
        """`a[i, j]` with a number for each dimension, or `a.shape[0]`."""
        match node:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=int(axis))
            ):
                if type(axis) is bool or not 0 <= axis < self._array(name):
                    raise _Unusual
            case ast.Subscript(value=ast.Name(id=name), slice=index):
                parts = index.elts if isinstance(index, ast.Tuple) else [index]
                self._is(name, len(parts))
                self._numbers(parts)
            case _:
                raise _Unusual

    def _constant(self, value: Any) -> None:
        plain = type(value) in (bool, float) or (type(value) is int and -(1 << 63) <= value < 1 << 63)
        if not plain and not (isinstance(value, np.generic) and value.dtype in NUMBERS):
            raise _Unusual

    def _operator(self, op: Any, known: tuple[type, ...]) -> None:
        if not isinstance(op, known):
            raise _Unusual

    def _is(self, name: str, kind: Kind) -> None:
        if self._kinds.get(name) != kind:
            raise _Unusual

    def _array(self, name: str) -> int:
        """The number of dimensions of an array."""
        kind = self._kinds.get(name)
        if not kind:
            raise _Unusual
        return kind

    # Calls, and names of the world outside

    def _call(self, node: ast.Call) -> Kind | None:
        """The kind of the result; None when there is none."""
        if node.keywords:
            raise _Unusual
        callee, args = self._object(node.func), node.args
        known = sure(callee)
        if isinstance(known, int):  # a function of so many numbers
            if len(args) != known:
                raise _Unusual
            self._numbers(args)
            return NUMBER
        match known, args:
            case Sure.TYPE, [value]:
                self._number(value)
                return NUMBER
            case Sure.POSITION, [ast.Constant(value=1)]:
                return NUMBER
            case Sure.BARRIER, []:
                return None
            case Sure.LENGTH, [ast.Name(id=name)]:
                self._array(name)
                return NUMBER
            case Sure.ATOMIC, [ast.Name(id=name), index, *values] if len(values) == ATOMICS.get(callee.__name__):
                self._number(ast.Subscript(ast.Name(name), index))
                self._numbers(values)
                if not self._dtypes <= ATOMIC_NUMBERS:
                    raise _Unusual
                return NUMBER
        if known is None and is_dispatcher(callee):
            return self._called(callee, args)
        raise _Unusual

    def _called(self, callee: Any, args: list[ast.expr]) -> Kind | None:
        """A call of a device function without declared types."""
        function = python_function(callee)
        options = getattr(callee, "targetoptions", None)
        if function is None or function in self._running or not options or not has_plain_options(options):
            raise _Unusual
        if not options.get("device") or not getattr(callee, "_can_compile", False):
            raise _Unusual
        kinds = []
        for arg in args:
            kind = self._kinds.get(arg.id, NUMBER) if isinstance(arg, ast.Name) else NUMBER
            if kind == NUMBER:
                self._number(arg)
            kinds.append(kind)
        kernel = Kernel.of(callee)
        return _Function(kernel, kinds, (*self._running, function), self._dtypes).check(device=True)

    def _is_local(self, node: ast.AST) -> bool:
        return any(isinstance(part, ast.Name) and part.id in self._locals for part in ast.walk(node))

    def _object(self, node: ast.expr) -> Any:
        """What a name, or a name in a module, stands for outside the function."""
        if isinstance(node, ast.Name) and node.id not in self._locals:
            try:
                return self._kernel.constant(node.id)
            except KeyError:
                raise _Unusual from None
        if isinstance(node, ast.Attribute):
            base = self._object(node.value)
            if isinstance(base, ModuleType) or sure(base) is Sure.NAMESPACE:
                found = getattr(base, node.attr, None)
                if found is not None:
                    return found
        raise _Unusual


def _always_returns(body: list[ast.stmt]) -> bool:
    """Does every path end with `return`?"""
    last = body[-1]
    if isinstance(last, ast.If):
        return bool(last.orelse) and _always_returns(last.body) and _always_returns(last.orelse)
    return isinstance(last, ast.Return)
