"""How a value is written in the residual stream, and the parts that write it: heads and tables.

A channel of the residual stream has a name.  A value's code is read by linear functions of the channels:

    OneHot   for each value a function that is 1 where the expression has that value and 0 elsewhere
    Number   one function, and the point that it takes for each value

`ready` says when: 0 after the embedding, 2 l - 1 after the attention of layer l, 2 l after its MLP (l from 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from lm.rasp.language import Expression, Value, text
from lm.rasp.selectors import Selector
from lm.rasp.values import Values


@dataclass(frozen=True)
class Reading:
    """A linear function of the residual stream: sum weight * channel + constant."""

    weights: tuple[tuple[str, float], ...] = ()
    constant: float = 0.0

    @classmethod
    def of(cls, weights: Mapping[str, float], constant: float = 0.0) -> Reading:
        """Without zero weights, in the order of names, so that equal functions are equal objects."""
        return cls(tuple(sorted((name, weight) for name, weight in weights.items() if weight)), constant)

    @classmethod
    def channel(cls, name: str) -> Reading:
        return cls(((name, 1.0),))

    @classmethod
    def sum(cls, terms: Iterable[tuple[float, Reading]], constant: float = 0.0) -> Reading:
        """sum factor * reading + constant"""
        weights: dict[str, float] = {}
        for factor, reading in terms:
            constant += factor * reading.constant
            for name, weight in reading.weights:
                weights[name] = weights.get(name, 0.0) + factor * weight
        return cls.of(weights, constant)


@dataclass(frozen=True)
class Unit:
    """A hidden unit of an MLP: relu(reads) times each of the weights in `writes`."""

    reads: Reading
    writes: Mapping[str, float]


@dataclass(frozen=True)
class Feature:
    """One channel of a head's keys and queries: their product is added to the score."""

    key: Reading
    query: Reading


@dataclass(frozen=True)
class Head:
    """An attention head.

    features  score = sum key * query, in units of which one is enough to choose
    values    channel written -> what is averaged over the selected keys
    begin     the score of the beginning token (None: it is not there), and what it has for each channel written
    """

    name: str
    layer: int
    features: tuple[Feature, ...]
    values: Mapping[str, Reading]
    begin_score: float
    begin_values: Mapping[str, float]
    highest: float
    inputs: tuple[Code, ...]
    selector: str = ""

    @property
    def ready(self) -> int:
        """When its output is there."""
        return 2 * self.layer - 1


@dataclass(frozen=True)
class Table:
    """A look-up in an MLP: units, and what is written always."""

    name: str
    layer: int
    units: tuple[Unit, ...]
    always: Mapping[str, float]
    inputs: tuple[Code, ...]


@dataclass(frozen=True, eq=False)
class Code:
    """exact: whether readings are whole numbers without rounding errors; made_by: the part that writes it, if any"""

    ready: int
    exact: bool
    made_by: Head | Table | None = field(default=None, kw_only=True)
    more: tuple[Code, ...] = field(default=(), kw_only=True)  # codes that this one is read from

    def parts(self) -> Iterable[Code]:
        """The codes that must be there for this one."""
        return (*self.more, *(self.made_by.inputs if self.made_by else ()))


@dataclass(frozen=True, eq=False)
class OneHot(Code):
    """indicator[value] reads 1 where the expression has that value, 0 elsewhere."""

    indicator: Mapping[Value, Reading]


@dataclass(frozen=True, eq=False)
class Number(Code):
    """The reading takes the point of the value; points differ by at least the gap."""

    reading: Reading
    point: Mapping[Value, float]

    @property
    def gap(self) -> float:
        points = sorted(self.point.values())
        return min((b - a for a, b in pairwise(points)), default=1.0)

    @property
    def precise(self) -> bool:
        """Whether float32 can tell the points apart after a softmax: their relative distance is above 1e-5."""
        return self.gap > 1e-5 * max(map(abs, self.point.values()))


class Codes(Protocol):
    """What the stages ask of `lm.rasp.place.Placement`."""

    values: Values

    def one_hot(self, of: Expression) -> OneHot:
        """The expression in a one-hot code."""

    def number(self, of: Expression) -> Number | None:
        """A reading that is the expression's own value, if that needs no part of its own."""

    def natural(self, of: Expression) -> OneHot | Number:
        """The code in which a source is written: one-hot, or a number for means and counts."""

    def one_source(self, of: Expression) -> Expression | None:
        """The one source that the expression is a function of, if that is in a one-hot code."""

    def conditions(self, selector: Selector) -> tuple[list[Feature], list[Code]]:
        """The features of all of a selector's conditions, and the codes that they read."""

    def name(self, of: Expression) -> str:
        """A name that nothing else has."""


def first_after(ready: int, *, mlp: bool) -> int:
    """The first MLP, or else the first attention, after something is ready."""
    return ready + 1 if ready % 2 == (1 if mlp else 0) else ready + 2


def channels(name: str, values: Iterable[Value]) -> dict[Value, str]:
    """A channel for each value, `name=value`; values that look alike are told apart by how Python writes them."""
    made: dict[Value, str] = {}
    for value in values:
        plainly = f"{name}={text(value)}"
        made[value] = plainly if plainly not in made.values() else f"{name}={value!r}"
    return made
