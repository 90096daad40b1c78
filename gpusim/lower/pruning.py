"""Conditions that Numba decides when it compiles; the other path need not even make sense.

Numba prunes dead branches for literals, globals and closure variables, comparisons of them, comparisons with None
(an argument may be None) and `.ndim`. The first three have a value before a kernel runs; the last two as soon as its
arguments are known.
"""

from __future__ import annotations

import ast
import enum
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

UNKNOWN = object()

_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
_CONSTANTS = (bool, int, float, np.bool_, np.number, str, enum.Enum)


class Pruning:
    """`static(name)` gives the object that a name stands for outside the kernel; anything for other names."""

    def __init__(self, static: Callable[[ast.expr], Any]) -> None:
        self._static = static

    def value(self, test: ast.expr) -> Any:
        """The value of a condition that is made of constants, else `UNKNOWN`."""
        match test:
            case ast.Constant():
                return test.value
            case ast.UnaryOp(op=ast.Not()):
                inner = self.value(test.operand)
                return inner if inner is UNKNOWN else not inner
            case ast.UnaryOp(op=ast.USub()):
                inner = self.value(test.operand)
                return inner if inner is UNKNOWN else -inner
            case ast.BoolOp(op=joined, values=[first, *rest]):
                known = self.value(first)
                if known is UNKNOWN or bool(known) is isinstance(joined, ast.Or):
                    return known
                return self.value(ast.BoolOp(joined, rest)) if rest[1:] else self.value(rest[0])
            case ast.Compare(ops=[ast.Is() | ast.IsNot() | ast.Eq() | ast.NotEq() as op], comparators=[right]) if (
                self._is_object(test.left) and isinstance(right, ast.Constant) and right.value is None
            ):
                return isinstance(op, ast.IsNot | ast.NotEq)
            case ast.Compare(ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                sides = self.value(test.left), self.value(right)
                return UNKNOWN if UNKNOWN in sides else _COMPARISONS[type(op)](*sides)
            case ast.Name() | ast.Attribute():
                value = self._static(test)
                return value if value is None or isinstance(value, _CONSTANTS) else UNKNOWN
        return UNKNOWN

    def _is_object(self, node: ast.expr) -> bool:
        """Is it a function or an array from outside the kernel, which is not None?"""
        value = self._static(node) if isinstance(node, ast.Name | ast.Attribute) else None
        return callable(value) or isinstance(value, np.ndarray)

    def is_decided(self, test: ast.expr) -> bool:
        """Is a condition known when the types of the arguments are?"""
        match test:
            case ast.UnaryOp():
                return self.is_decided(test.operand)
            case ast.Compare(ops=[ast.Is() | ast.IsNot()], comparators=[right]):
                return any(isinstance(side, ast.Constant) and side.value is None for side in (test.left, right))
            case ast.Compare():
                return all(map(self.is_decided, (test.left, *test.comparators)))
            case ast.Attribute(attr="ndim"):
                return True
        return self.value(test) is not UNKNOWN
