"""RASP's sequences: one value at each position, built from `tokens` and `indices`.

    tokens, indices, length      what a program starts from
    a + b, a == b, a & b, ...    elementwise: the same operation at every position
    where(c, a, b)               a where c holds, b elsewhere
    apply(f, a, b)               any Python function of values, elementwise
    lookup(table, a)             facts: a dictionary

Weiss, Goldberg & Yahav 2021, "Thinking Like Transformers", section 3.  Values are numbers (int, Fraction, bool),
symbols (str), or None for nothing.  How positions look at each other is in `lm.rasp.selectors`.

An expression computes nothing by itself: `lm.rasp.interpreter` runs it, `lm.rasp.compiler` turns it into weights.
Expressions are compared by identity; `==` makes an expression that compares values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeGuard

from lm.errors import LMError

Value = Any  # str | int | Fraction | bool | None; functions of programs compute with them freely
Number = int | Fraction


class RaspError(LMError):
    """A program, or an input of one, that has no meaning.  One sentence says where and what to do."""


TOO_DEEP = "the program is nested too deeply: it needs fewer steps that build on each other"


class Undefined(Exception):
    """Raised by a program's function for values that it is not meant for.

    The interpreter reports it; the compiler leaves such combinations of values open.
    """


OPERATORS = ("+", "-", "*", "/", "//", "%", "==", "!=", "<", "<=", ">", ">=", "&", "|")
LONGEST_LABEL = 30

UNDEFINED = (Undefined, TypeError, ValueError, ArithmeticError, LookupError)


def is_number(value: Value) -> TypeGuard[Number]:
    """True for int, Fraction and bool."""
    return isinstance(value, int | Fraction)


def plain(value: Value) -> Value:
    """A whole Fraction as an int, so that equal numbers look alike."""
    return int(value) if isinstance(value, Fraction) and value.denominator == 1 else value


def whole(value: Number) -> int:
    """A number that is known to be whole, as an int; Undefined for others."""
    if not isinstance(plain(value), int):
        raise Undefined(f"{value} is not a whole number")
    return int(value)


def text(value: Value) -> str:
    """A value as a symbol: `3`, `1/3`, `a`; 1 and 0 for truth values, `·` for nothing."""
    if value is None:
        return "·"
    return str(int(value)) if isinstance(value, bool) else str(value)


class Expression:
    """A sequence.  `label` is its name in pictures and in the residual stream."""

    label: str

    def named(self, label: str) -> Expression:
        """The same sequence under a name."""
        return replace(self, label=label)  # type: ignore[type-var]

    def __bool__(self) -> bool:
        raise RaspError("a sequence has no truth value of its own: use where(condition, a, b), &, | and ~")

    __hash__ = object.__hash__

    def __add__(self, other: Any) -> Expression:
        return linear("+", operator.add, self, other, 1, 1)

    def __radd__(self, other: Any) -> Expression:
        return linear("+", operator.add, other, self, 1, 1)

    def __sub__(self, other: Any) -> Expression:
        return linear("-", operator.sub, self, other, 1, -1)

    def __rsub__(self, other: Any) -> Expression:
        return linear("-", operator.sub, other, self, 1, -1)

    def __mul__(self, other: Any) -> Expression:
        if is_number(other):
            return Map(lambda a: plain(a * other), (self,), _formula(f"{other} *", self), ((other,), 0))
        return binary("*", operator.mul, self, other)

    __rmul__ = __mul__

    def __neg__(self) -> Expression:
        return Map(operator.neg, (self,), _formula("-", self), ((-1,), 0))

    def __truediv__(self, other: Any) -> Expression:
        return binary("/", _divide, self, other)

    def __floordiv__(self, other: Any) -> Expression:
        return binary("//", operator.floordiv, self, other)

    def __mod__(self, other: Any) -> Expression:
        return binary("%", operator.mod, self, other)

    def __eq__(self, other: Any) -> Expression:  # type: ignore[override]
        return compare("==", operator.eq, self, other)

    def __ne__(self, other: Any) -> Expression:  # type: ignore[override]
        return compare("!=", operator.ne, self, other)

    def __lt__(self, other: Any) -> Expression:
        return compare("<", operator.lt, self, other)

    def __le__(self, other: Any) -> Expression:
        return compare("<=", operator.le, self, other)

    def __gt__(self, other: Any) -> Expression:
        return compare(">", operator.gt, self, other)

    def __ge__(self, other: Any) -> Expression:
        return compare(">=", operator.ge, self, other)

    def __and__(self, other: Any) -> Expression:
        return binary("&", lambda a, b: bool(a and b), self, other)

    def __or__(self, other: Any) -> Expression:
        return binary("|", lambda a, b: bool(a or b), self, other)

    def __invert__(self) -> Expression:
        return Map(operator.not_, (self,), _formula("not", self))


@dataclass(frozen=True, eq=False)
class Tokens(Expression):
    """The input's tokens, symbols."""

    label: str = "tokens"

    def named(self, label: str) -> Expression:
        return Map(lambda token: token, (self,), label)


@dataclass(frozen=True, eq=False)
class Indices(Expression):
    """0, 1, 2, ..."""

    label: str = "indices"

    def named(self, label: str) -> Expression:
        return Map(lambda index: index, (self,), label, ((1,), 0))


@dataclass(frozen=True, eq=False)
class Map(Expression):
    """function(*values of the arguments) at each position.

    affine   (coefficients, constant) where the function is known to be sum c_i x_i + constant: the compiler then
             needs no table for it
    compares whether it is one of == != < <= > >=
    """

    function: Callable[..., Value]
    arguments: tuple[Expression, ...]
    label: str
    affine: tuple[tuple[Number, ...], Number] | None = None
    compares: bool = False


class Constant(Map):
    """The same value at every position."""


tokens = Tokens()
indices = Indices()


def constant(value: Value) -> Expression:
    """The same value at every position."""
    return Constant(lambda _: value, (indices,), text(value))


def expression(value: Any) -> Expression:
    """`value` itself if it is a sequence, otherwise the constant."""
    if isinstance(value, Expression):
        return value
    if value is not None and not isinstance(value, str) and not is_number(value):
        raise RaspError(f"a sequence or a value is needed here, not {_kind(value)}")
    return constant(value)


def sequence(given: Any) -> Expression:
    """`given` if it is a sequence, otherwise a RaspError."""
    if not isinstance(given, Expression):
        raise RaspError(f"a sequence is needed here, such as tokens or indices, not {_kind(given)}")
    return given


def _kind(given: Any) -> str:
    return repr(given) if given is None or isinstance(given, str) or is_number(given) else f"a {type(given).__name__}"


def apply(function: Callable[..., Value], *arguments: Expression, label: str = "") -> Expression:
    """Any function of values, elementwise.  It must be pure; values that it raises `Undefined` for are left open."""
    return Map(function, tuple(map(sequence, arguments)), label or getattr(function, "__name__", "map").strip("<>"))


def lookup(facts: Mapping[Value, Value], of: Expression, default: Value = None) -> Expression:
    """The fact about each value: facts[value], or the default."""
    table = dict(facts)
    return Map(lambda value: table.get(value, default), (sequence(of),), _formula("lookup", of))


def where(condition: Expression, then: Any, otherwise: Any) -> Expression:
    """`then` where the condition holds, `otherwise` elsewhere."""
    arguments = (sequence(condition), expression(then), expression(otherwise))
    return Map(lambda c, a, b: a if c else b, arguments, _formula("where", condition))


def _divide(a: Number, b: Number) -> Fraction:
    if b == 0:
        raise Undefined("division by zero")
    return Fraction(a) / b


def binary(name: str, function: Callable[..., Value], a: Any, b: Any) -> Expression:
    """`a name b` elementwise, one of the two possibly a constant."""
    expression(b if isinstance(a, Expression) else a)  # it must be a value or a sequence
    if not isinstance(b, Expression):
        return Map(lambda x: plain(function(x, b)), (a,), _formula(a, name, text(b)))
    if not isinstance(a, Expression):
        return Map(lambda x: plain(function(a, x)), (b,), _formula(text(a), name, b))
    return Map(lambda x, y: plain(function(x, y)), (a, b), _formula(a, name, b))


def _formula(*parts: str | Expression) -> str:
    """Operators and the labels of operands; a long operand is three dots: name it to see more."""

    def shown(part: str | Expression) -> str:
        if isinstance(part, str):
            return part
        label = part.label if len(part.label) <= LONGEST_LABEL else "..."
        return f"({label})" if any(f" {sign} " in label for sign in OPERATORS) else label

    return " ".join(map(shown, parts))


def compare(name: str, function: Callable[..., Value], a: Any, b: Any) -> Expression:
    """`binary`, marked as a comparison."""
    made = binary(name, function, a, b)
    assert isinstance(made, Map)
    return replace(made, compares=True)


def linear(name: str, function: Callable[..., Value], a: Any, b: Any, ca: int, cb: int) -> Expression:
    """`binary`, with the coefficients of both sides."""
    made = binary(name, function, a, b)
    assert isinstance(made, Map)
    if not isinstance(b, Expression):
        return replace(made, affine=((ca,), cb * b)) if is_number(b) else made
    if not isinstance(a, Expression):
        return replace(made, affine=((cb,), ca * a)) if is_number(a) else made
    return replace(made, affine=((ca, cb), 0))
