"""Module-level constants, evaluated from the syntax tree: literals, arithmetic on them, number types, small arrays.

Nothing of the file is executed. Every result has a size limit, which is looked at before the result is computed.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numba
import numpy as np

from puzzles.check.gate import vocabulary
from puzzles.check.gate.refusal import Refused, quoted
from puzzles.check.gate.text import INTEGER_BITS

ELEMENTS = 4_096
"""Of an array, a tuple or a range."""

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
    ast.RShift: operator.rshift,
}
_UNARY: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Invert: operator.invert,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_FUNCTIONS = {
    *(f"builtins.{name}" for name in ("abs", "bool", "complex", "float", "int", "len", "max", "min", "round")),
    *(f"math.{name}" for name in ("ceil", "cos", "exp", "floor", "log", "log2", "log10", "sin", "sqrt", "tan", "tanh")),
    *(f"numpy.{name}" for name in ("cos", "exp", "log", "log2", "sin", "sqrt", "tanh")),
}
"""Functions of numbers (or, for `len`, of a tuple) whose results take no time and no room."""

_ARRAYS = ("array", "zeros", "ones", "full", "arange", "linspace", "eye")

ARRAY_MAKERS = frozenset(f"numpy.{name}" for name in _ARRAYS)
"""Constructors of constant arrays: words of the module level only."""


class Constants:
    """Evaluates expressions.

    `meaning` gives the full dotted name of an imported or builtin name, `values` what the file's own names hold.
    """

    def __init__(self, meaning: Callable[[ast.expr], str | None], values: Mapping[str, Any]) -> None:
        self._meaning = meaning
        self._values = values

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression. Raises Refused for one that is not a constant, or too large."""
        try:
            with np.errstate(all="ignore"):
                return self._bounded(node, self._expression(node))
        except (ArithmeticError, TypeError, ValueError, LookupError, MemoryError) as error:
            raise Refused(f"`{quoted(node)}` has no value: {error}.", node.lineno) from None

    def _expression(self, node: ast.expr) -> Any:
        if (word := self._meaning(node)) is not None:
            return self._word(node, word)
        match node:
            case ast.Constant(value=bool() | int() | float() | complex() | str() | None as value):
                return value
            case ast.Name(id=name) if name in self._values:
                return self._values[name]
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return tuple(self.evaluate(part) for part in parts)
            case ast.UnaryOp(op=op, operand=operand):
                return _UNARY[type(op)](self._number(operand))
            case ast.BinOp(op=op, left=left, right=right):
                return self._binary(node, op, self._number(left), self._number(right))
            case ast.BoolOp(op=op, values=parts):
                values = [self._number(part) for part in parts]
                return all(values) if isinstance(op, ast.And) else any(values)
            case ast.Compare(left=left, ops=ops, comparators=rest):
                values = [self._number(part) for part in (left, *rest)]
                return all(_compare(node, *pair) for pair in zip(ops, values, values[1:], strict=False))
            case ast.IfExp(test=test, body=body, orelse=other):
                return self.evaluate(body if self._number(test) else other)
            case ast.Subscript(value=value, slice=index):
                return self._item(node, self.evaluate(value), self._number(index))
            case ast.Call(func=function):
                return self._call(node, self._meaning(function))
        raise not_constant(node)

    def _word(self, node: ast.expr, name: str) -> Any:
        value = vocabulary.find(name)
        is_number = isinstance(value, int | float) or value is None
        is_dtype = isinstance(value, numba.types.Type) or (isinstance(value, type) and issubclass(value, np.generic))
        if not is_number and not is_dtype and value not in (int, float, bool, complex):
            raise not_constant(node)
        return value

    def _number(self, node: ast.expr) -> Any:
        value = self.evaluate(node)
        if not isinstance(value, bool | int | float | complex | np.generic):
            raise not_constant(node)
        return value

    def _binary(self, node: ast.expr, op: ast.operator, left: Any, right: Any) -> Any:
        if isinstance(op, ast.Pow | ast.LShift):
            if isinstance(left, int) and isinstance(right, int):
                bits = right + left.bit_length() if isinstance(op, ast.LShift) else right * abs(left).bit_length()
                if bits > 4 * INTEGER_BITS:
                    raise _too_large(node)
            return left << right if isinstance(op, ast.LShift) else left**right
        if type(op) not in _BINARY:
            raise not_constant(node)
        return _BINARY[type(op)](left, right)

    def _item(self, node: ast.expr, value: Any, index: Any) -> Any:
        if not isinstance(value, tuple | np.ndarray):
            raise not_constant(node)
        return value[index]

    def _call(self, node: ast.Call, name: str | None) -> Any:
        if name in ARRAY_MAKERS:
            return self._array(node, name.rpartition(".")[2])
        arguments = [self.evaluate(argument) for argument in node.args]
        if node.keywords:
            raise not_constant(node)
        if name in ("builtins.range", "builtins.tuple"):
            return _range(node, name, arguments)
        if name in _FUNCTIONS:
            return self._function(node, name, arguments)
        value: Any = MISSING if name is None else vocabulary.find(name)
        if (isinstance(value, numba.types.Type) or _is_scalar_type(value)) and len(arguments) == 1:
            if not isinstance(arguments[0], bool | int | float | complex | np.generic):
                raise not_constant(node)
            return value(arguments[0])
        raise not_constant(node)

    def _function(self, node: ast.Call, name: str, arguments: list[Any]) -> Any:
        plain = (bool, int, float, complex, np.generic)
        if name == "builtins.len":
            plain = (tuple, range)  # type: ignore[assignment]
        if name == "builtins.float" and arguments in (["inf"], ["-inf"], ["nan"]):
            return float(arguments[0])
        if name == "builtins.round" and len(arguments) > 1 and abs(arguments[1]) > 20:
            raise not_constant(node)
        if not all(isinstance(argument, plain) for argument in arguments):
            raise not_constant(node)
        return vocabulary.find(name)(*arguments)

    def _array(self, node: ast.Call, maker: str) -> Any:
        """A constant array; its number of elements is known before it is made."""
        arguments = [_dtype(self.evaluate(argument)) for argument in node.args]
        keywords = {str(keyword.arg): _dtype(self.evaluate(keyword.value)) for keyword in node.keywords}
        if not set(keywords) <= {"dtype"} or not arguments or any(map(_has_text, (*arguments, *keywords.values()))):
            raise not_constant(node)
        if maker in ("zeros", "ones", "full", "eye"):
            shape = arguments[0] if isinstance(arguments[0], tuple) else (arguments[0],)
            count = math.prod((*shape, *(arguments[1:] or shape)) if maker == "eye" else shape)
        elif maker == "arange":
            count = len(_range(node, "builtins.range", arguments))
        else:
            count = arguments[2] if maker == "linspace" and len(arguments) > 2 else 50
        if count > ELEMENTS:
            raise Refused(f"`{quoted(node)}` has {count:,} elements; constants have up to {ELEMENTS:,}.", node.lineno)
        made = getattr(np, maker)(*arguments, **keywords)
        if made.dtype.kind not in "biufc":
            raise not_constant(node)
        return made

    def _bounded(self, node: ast.expr, value: Any) -> Any:
        if isinstance(value, int) and value.bit_length() > INTEGER_BITS:
            raise _too_large(node)
        if isinstance(value, tuple) and _leaves(value) > ELEMENTS:
            raise Refused(f"`{quoted(node)}` has more than {ELEMENTS:,} elements.", node.lineno)
        return value


MISSING = vocabulary.MISSING


def not_constant(node: ast.AST) -> Refused:
    """The refusal of something that only running the file could compute."""
    what = f"the call `{quoted(node)}`" if isinstance(node, ast.Call) else f"`{quoted(node)}`"
    return Refused(
        f"A puzzle file holds imports, constants and functions; {what} would do work on the host. Move it into the "
        'kernel, or under `if __name__ == "__main__":`.',
        getattr(node, "lineno", None),
    )


def _too_large(node: ast.expr) -> Refused:
    return Refused(f"`{quoted(node)}` has more than {INTEGER_BITS} bits, which no integer of a GPU has.", node.lineno)


def _range(node: ast.Call, name: str, arguments: list[Any]) -> Any:
    """`range(...)` of whole numbers, or `tuple(range(...))`."""
    if name == "builtins.tuple":
        if len(arguments) != 1 or not isinstance(arguments[0], tuple | range):
            raise not_constant(node)
        return tuple(arguments[0])
    if not all(isinstance(argument, int) for argument in arguments):
        raise not_constant(node)
    values = range(*arguments)
    if len(values) > ELEMENTS:
        raise Refused(f"`{quoted(node)}` has {len(values):,} elements; constants have up to {ELEMENTS:,}.", node.lineno)
    return values


def _compare(node: ast.Compare, op: ast.cmpop, left: Any, right: Any) -> bool:
    if type(op) not in _COMPARISONS:
        raise not_constant(node)
    return bool(_COMPARISONS[type(op)](left, right))


def _leaves(value: Any) -> int:
    """Numbers in nested tuples. Those inside have been counted before, so that none has more than `ELEMENTS`."""
    if not isinstance(value, tuple):
        return 1
    count = 0
    for part in value:
        count += _leaves(part)
        if count > ELEMENTS:
            break
    return count


def _dtype(value: Any) -> Any:
    """A number type as NumPy has it; anything else as it is."""
    if isinstance(value, numba.types.Type) or (isinstance(value, str) and f"numpy.{value}" in vocabulary.words()):
        return np.dtype(str(value))
    return value


def _has_text(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, tuple) and any(map(_has_text, value)))


def _is_scalar_type(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, np.generic)
