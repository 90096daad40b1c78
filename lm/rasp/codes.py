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

from lm.rasp.language import Value


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
