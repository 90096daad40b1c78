"""RASP as text: the part of Python that its programs need, read without executing any Python.

    before = (key(indices) == query(indices) - 1).value(tokens, "_")
    where(before == tokens, "again", tokens)

Assignments and, as the last line, the output.  There are names, numbers, strings, True, False, None, dictionaries for
`lookup`, the operators of `lm.rasp.language` (`and`, `or`, `not` and `a if c else b` mean `&`, `|`, `~` and `where`),
the functions in FUNCTIONS and the methods of selectors.  A sequence gets the name that it is assigned to.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from lm.rasp.language import Expression, RaspError, constant, indices, lookup, tokens, where
from lm.rasp.selectors import Compare, Selector, before, everything, key, length, query

VALUES: Mapping[str, Any] = {"tokens": tokens, "indices": indices, "length": length, "everything": everything}
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "key": key, "query": query, "where": where, "lookup": lookup, "before": before, "constant": constant,
}  # fmt: skip
METHODS = {
    Selector: ("value", "only", "mean", "sum", "count", "best"),
    Expression: ("named",),
}

_BINARY: Mapping[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod, ast.BitAnd: operator.and_, ast.BitOr: operator.or_,
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.And: operator.and_, ast.Or: operator.or_,
}  # fmt: skip
_UNARY: Mapping[type[ast.AST], Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.Invert: operator.invert, ast.Not: operator.invert,
}  # fmt: skip


def parse(source: str, name: str = "the program") -> Expression:
    """The output of a program's text.

    Raises RaspError, with the line, for what is not RASP.
    """
    try:
        statements = ast.parse(source).body
    except (RecursionError, MemoryError):
        raise RaspError(f"{name} is nested too deeply to be read") from None
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else "the text"
        raise RaspError(f"{line} of {name} is not an expression or an assignment") from None
    return program(statements, name)


def program(statements: Sequence[ast.stmt], name: str = "the program") -> Expression:
    """The output of a program that stands as statements among others, in a file of Python, say.

    Raises Misread, which knows the line, for what is not RASP.
    """
    if not statements:
        raise Misread("it is empty: its last line is the output", None, name)
    names: dict[str, Any] = dict(VALUES)
    last: Any = None
    for statement in statements:
        last = _statement(statement, names, name)
    line = statements[-1].lineno
    if isinstance(last, Selector):
        why = "it ends with a selector: say what comes of it, such as .value(tokens) or .count()"
        raise Misread(why, line, name)
    if not isinstance(last, Expression):
        shown = repr(last) if isinstance(last, str | int | None) else f"a {type(last).__name__}"
        raise Misread(f"it ends with {shown}: its last line must be a sequence, the output", line, name)
    return last


class Misread(RaspError):
    """A text that is no program: `why`, and the `line` where that shows, if it is one."""

    def __init__(self, why: str, line: int | None, name: str) -> None:
        super().__init__(f"line {line} of {name}: {why}" if line else f"{name}: {why}")
        self.why = why
        self.line = line


def _statement(statement: ast.stmt, names: dict[str, Any], name: str) -> Any:
    try:
        if isinstance(statement, ast.Expr):
            return _value(statement.value, names)
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            (target,) = statement.targets
            if isinstance(target, ast.Name):
                if target.id in VALUES or target.id in FUNCTIONS:
                    raise RaspError(f"{target.id!r} is RASP's own: assign to another name")
                value = _value(statement.value, names)
                named = isinstance(value, Expression)
                names[target.id] = value.named(target.id.replace("_", " ")) if named else value
                return names[target.id]
        raise RaspError("only assignments to a name and expressions are allowed")
    except RaspError as error:
        raise Misread(str(error), statement.lineno, name) from None
    except (TypeError, AttributeError, ZeroDivisionError, RecursionError) as error:
        raise Misread(f"this makes no sense: {error}", statement.lineno, name) from None


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return _constant(node)
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise RaspError(f"there is no {node.id!r}: there are {', '.join([*names, *FUNCTIONS])}")
        return names[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _combine(_BINARY[type(node.op)], _value(node.left, names), _value(node.right, names))
    if isinstance(node, ast.UnaryOp) and type(node.op) in _UNARY:
        return _UNARY[type(node.op)](_value(node.operand, names))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _BINARY:
        return _compare(_value(node.left, names), node.ops[0], _value(node.comparators[0], names))
    if isinstance(node, ast.BoolOp):
        first, *others = (_value(value, names) for value in node.values)
        for other in others:
            first = _combine(_BINARY[type(node.op)], first, other)
        return first
    if isinstance(node, ast.IfExp):
        return where(_value(node.test, names), _value(node.body, names), _value(node.orelse, names))
    if isinstance(node, ast.Dict):
        if None in node.keys:
            raise RaspError("a dictionary has no ** here")
        keys = [_value(key, names) for key in node.keys if key is not None]
        return dict(zip(keys, (_value(value, names) for value in node.values), strict=True))
    if isinstance(node, ast.Call):
        return _call(node, names)
    raise RaspError(f"{ast.unparse(node)!r} is not part of RASP")


def _combine(function: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """Constants are not computed with, but for a negative number: no text makes a large one."""
    if not any(isinstance(side, Expression | Selector) for side in (left, right)):
        raise RaspError("at least one side of an operator must be a sequence or a selector")
    return function(left, right)


def _constant(node: ast.Constant) -> Any:
    if node.value is Ellipsis:
        raise RaspError("this is still a hole: write something in place of the three dots")
    if not isinstance(node.value, str | int | bool | None):
        raise RaspError(f"{node.value!r} is no value of RASP: write fractions as 1 / 2 of a sequence")
    return node.value


def _compare(left: Any, how: ast.cmpop, right: Any) -> Any:
    sides = [side for side in (left, right) if isinstance(side, Expression | Selector)]
    if not sides:
        raise RaspError("at least one side of a comparison must be a sequence, key(...) or query(...)")
    if len({isinstance(side, Selector) for side in sides}) == 2:
        raise RaspError("a side of a selector is compared with key(x), query(x) or a constant, not a bare sequence")
    if any(isinstance(side, Selector) and not isinstance(side, Compare) for side in sides):
        raise RaspError("selectors are combined with &, | and ~, not compared")
    return _BINARY[type(how)](left, right)


def _call(node: ast.Call, names: Mapping[str, Any]) -> Any:
    arguments = [_value(argument, names) for argument in node.args]
    if any(keyword.arg is None for keyword in node.keywords):
        raise RaspError("arguments have no ** here")
    keywords = {str(keyword.arg): _value(keyword.value, names) for keyword in node.keywords}
    if isinstance(node.func, ast.Name):
        if node.func.id not in FUNCTIONS:
            raise RaspError(f"there is no function {node.func.id!r}: there are {', '.join(FUNCTIONS)}")
        return FUNCTIONS[node.func.id](*arguments, **keywords)
    if isinstance(node.func, ast.Attribute):
        of, method = _value(node.func.value, names), node.func.attr
        allowed = [name for kind, methods in METHODS.items() if isinstance(of, kind) for name in methods]
        if method not in allowed:
            raise RaspError(f"there is no .{method}() of this: there are {', '.join(allowed) or 'none'}")
        return getattr(of, method)(*arguments, **keywords)
    raise RaspError(f"{ast.unparse(node)!r} is not part of RASP")
