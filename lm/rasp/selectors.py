"""RASP's selectors: which keys each query looks at, and what comes of it.

    key(x) == query(y)           any of == != < <= > >=; one side may be a constant
    key(condition)               the positions where a condition holds
    a & b, a | b, ~a             selectors of selectors
    s.best(score)                of the selected positions, those with the highest score

    s.value(v, default)          what is selected: the mean of numbers, or the one symbol
    s.only(v, default)           the one value that all selected positions share; never a mean
    s.mean(v), s.sum(v)          of numbers; a sum is a mean times a count, which needs a head of its own
    s.count()                    how many are selected: RASP's selector_width

Weiss, Goldberg & Yahav 2021, section 3, call these select, aggregate and selector_width; those names are here, too.
A causal program's queries see only keys at their own position and before.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lm.rasp.language import Expression, Map, RaspError, Value, indices, sequence, text, whole


@dataclass(frozen=True, eq=False)
class Selector:
    """A relation between queries and keys, true where the query looks at the key."""

    def __bool__(self) -> bool:
        raise RaspError("a selector has no truth value of its own: combine selectors with &, | and ~")

    __hash__ = object.__hash__

    def __and__(self, other: Selector) -> Selector:
        if not isinstance(other, Selector):
            raise RaspError("a selector is combined with selectors: key(condition) makes one of a condition")
        return Both(self, other)

    def __or__(self, other: Selector) -> Selector:
        return ~(~self & (~other if isinstance(other, Selector) else other))

    def __invert__(self) -> Selector:
        return Not(self)

    def best(self, score: Expression) -> Selector:
        """Of the selected positions those with the highest score; several if their scores are equal."""
        return Best(self, sequence(score))

    def value(self, values: Expression, default: Value = None) -> Expression:
        """What is selected: a mean if the values are numbers, the selected one if they are symbols."""
        return Aggregate(self, sequence(values), "value", default, f"value of {values.label}")

    def only(self, values: Expression, default: Value = None) -> Expression:
        """The value that all selected positions share."""
        return Aggregate(self, sequence(values), "only", default, f"the {values.label}")

    def mean(self, values: Expression, default: Value = 0) -> Expression:
        """The mean of the selected numbers."""
        return Aggregate(self, sequence(values), "mean", default, f"mean of {values.label}")

    def count(self) -> Expression:
        """How many positions are selected."""
        return Width(self)

    def sum(self, values: Expression, count: Expression | None = None) -> Expression:
        """The sum of the selected whole numbers: the mean times the count.  A count that is known saves its head."""
        known = self.count() if count is None else count
        return Sum(lambda mean, n: whole(mean * n), (self.mean(values), known), "sum")


@dataclass(frozen=True, eq=False)
class Sum(Map):
    """The product of a mean and its count."""


@dataclass(frozen=True, eq=False)
class Compare(Selector):
    """predicate(*values at the key, *values at the query)."""

    keys: tuple[Expression, ...]
    queries: tuple[Expression, ...]
    predicate: Callable[..., bool]
    label: str


@dataclass(frozen=True, eq=False)
class Both(Selector):
    """Selected by both."""

    first: Selector
    second: Selector


@dataclass(frozen=True, eq=False)
class Not(Selector):
    """Not selected."""

    selector: Selector


@dataclass(frozen=True, eq=False)
class Best(Selector):
    """Those of the selected keys that have the highest score."""

    selector: Selector
    score: Expression


@dataclass(frozen=True, eq=False)
class Aggregate(Expression):
    """What a selector makes of values.  `kind` is the name of the method above that makes it."""

    selector: Selector
    values: Expression
    kind: str
    default: Value
    label: str = "aggregate"


@dataclass(frozen=True, eq=False)
class Width(Expression):
    """How many positions a selector selects."""

    selector: Selector
    label: str = "count"


@dataclass(frozen=True, eq=False)
class Side(Compare):
    """key(x) or query(y): one side of a comparison, and by itself the selector of the positions where it holds."""

    @property
    def of(self) -> Expression:
        return (self.keys + self.queries)[0]

    def __add__(self, other: Any) -> Side:
        return _side(bool(self.keys), self.of + other)

    def __sub__(self, other: Any) -> Side:
        return _side(bool(self.keys), self.of - other)

    __hash__ = object.__hash__

    def __eq__(self, other: Any) -> Selector:  # type: ignore[override]
        return _compare(self, operator.eq, other, "==")

    def __ne__(self, other: Any) -> Selector:  # type: ignore[override]
        return _compare(self, operator.ne, other, "!=")

    def __lt__(self, other: Any) -> Selector:
        return _compare(self, operator.lt, other, "<")

    def __le__(self, other: Any) -> Selector:
        return _compare(self, operator.le, other, "<=")

    def __gt__(self, other: Any) -> Selector:
        return _compare(self, operator.gt, other, ">")

    def __ge__(self, other: Any) -> Selector:
        return _compare(self, operator.ge, other, ">=")


def _side(is_key: bool, of: Expression) -> Side:
    sequence(of)
    name = f"{'key' if is_key else 'query'}({of.label})"
    return Side((of,) if is_key else (), () if is_key else (of,), bool, name)


def key(x: Expression) -> Side:
    """The sequence `x` at the position that is looked at."""
    return _side(True, x)


def query(y: Expression) -> Side:
    """The sequence `y` at the position that looks."""
    return _side(False, y)


def _compare(side: Side, function: Callable[[Value, Value], bool], other: Any, name: str) -> Selector:
    if not isinstance(other, Side):
        if isinstance(other, Expression):
            raise RaspError("a side of a selector is compared with key(x), query(x) or a constant, not a bare sequence")
        label = f"{side.label} {name} {text(other)}"
        return Compare(side.keys, side.queries, lambda x: bool(function(x, other)), label)
    label = f"{side.label} {name} {other.label}"
    if bool(side.keys) == bool(other.keys):
        return Compare(side.keys + other.keys, side.queries + other.queries, function, label)
    if side.keys:
        return Compare(side.keys, other.queries, function, label)
    return Compare(other.keys, side.queries, lambda k, q: function(q, k), label)


everything = Compare((), (), lambda: True, "everything")
"""Selects every position that may be seen."""

length = (2 * everything.mean(indices) + 1).named("length")
"""How many positions can be seen: the length, or in a causal program the index plus one.

The mean of 0 .. n - 1 is (n - 1) / 2, so one head that averages the indices knows n.
"""


def select(keys: Expression, queries: Expression, predicate: Callable[[Value, Value], bool]) -> Selector:
    """RASP's own select: any function of the value at the key and the value at the query."""
    return Compare((keys,), (queries,), predicate, f"select({keys.label}, {queries.label})")


def aggregate(selector: Selector, values: Expression, default: Value = None) -> Expression:
    """RASP's own aggregate."""
    return selector.value(values, default)


def selector_width(selector: Selector) -> Expression:
    """RASP's own selector_width."""
    return selector.count()


def before() -> Selector:
    """The positions before one's own."""
    return key(indices) < query(indices)


def describe(selector: Selector) -> str:
    """The selector as a formula."""
    if isinstance(selector, Compare):
        return selector.label
    if isinstance(selector, Both):
        return f"{describe(selector.first)} and {describe(selector.second)}"
    if isinstance(selector, Best):
        return f"{describe(selector.selector)}, the best by {selector.score.label}"
    assert isinstance(selector, Not)
    inside = selector.selector
    if isinstance(inside, Both):  # not (not a and not b)
        return f"({describe(~inside.first)} or {describe(~inside.second)})"
    return describe(inside.selector) if isinstance(inside, Not) else f"not ({describe(inside)})"
