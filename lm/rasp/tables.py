"""Stage 3a of the compiler: an elementwise function of values in one-hot codes, and of at most one number, as an MLP.

A unit relu(sum of n indicators - (n - 1)) is 1 where all n hold and 0 elsewhere, so each combination of values that
needs an output of its own gets a unit that writes it.  Inputs that make no difference are left out of the sum.

A number x crosses a border b, half way between two points that differ by g, by two units:

    step(x) = relu(u) - relu(u - 1)    with u = 2 (x - b) / g + 1/2

is 0 up to b - g/4 and 1 from b + g/4 on, so rounding errors up to g/4 disappear.  Under a condition, u is lowered by
more than its range where the condition does not hold.  A step may as well run downwards: it does where that keeps u
small, since float32 rounds relative to size.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lm.rasp.codes import Number, OneHot, Reading, Unit
from lm.rasp.language import Value
from lm.rasp.values import OPEN, ordered

Combination = tuple[Value, ...]


@dataclass(frozen=True)
class Case:
    """Where inputs have these values, the output is this: (value of the number, output), in order; None: any value."""

    given: tuple[tuple[int, Value], ...]  # (which input, its value)
    output: tuple[tuple[Value, Value], ...]

    @property
    def changes(self) -> int:
        """How often the output changes along the number."""
        return sum(a[1] != b[1] for a, b in pairwise(self.output))


def cases(values: Sequence[Sequence[Value]], table: Mapping[Combination, Value], number: int | None) -> list[Case]:
    """The table as a decision tree: cases that exclude each other and cover everything.

    values  the values of each input; number: which of them is read as a number
    """
    names = [i for i in range(len(values)) if i != number]
    rows = [(c, output) for c, output in table.items() if output is not OPEN]
    return list(_split(rows, names, (), number))


def _split(
    rows: list[tuple[Combination, Value]],
    names: list[int],
    given: tuple[tuple[int, Value], ...],
    number: int | None,
) -> list[Case]:
    if not rows:
        return []
    along = _along(rows, number)
    if along is not None:
        return [Case(given, along)]
    best: list[Case] | None = None
    names = [name for name in names if len({row[0][name] for row in rows}) > 1]
    for name in _most_telling(rows, names, number):
        found = []
        groups: dict[Value, list[tuple[Combination, Value]]] = {}
        for row in rows:
            groups.setdefault(row[0][name], []).append(row)
        for value, group in groups.items():
            found += _split(group, [n for n in names if n != name], (*given, (name, value)), number)
        if best is None or size(found) < size(best):
            best = found
    assert best is not None
    return best


def size(found: Sequence[Case]) -> int:
    """How many units the cases take, at most."""
    return sum(1 + 2 * case.changes for case in found)


def _most_telling(rows: list[tuple[Combination, Value]], names: list[int], number: int | None) -> list[int]:
    """The inputs to split by first: those whose single values settle most rows; two are tried in small tables."""

    def settled(name: int) -> int:
        groups: dict[Value, list[tuple[Combination, Value]]] = {}
        for row in rows:
            groups.setdefault(row[0][name], []).append(row)
        return sum(len(group) for group in groups.values() if _along(group, number) is not None) - len(groups)

    return sorted(names, key=settled, reverse=True)[: 2 if len(rows) < 200 else 1]


def _along(rows: list[tuple[Combination, Value]], number: int | None) -> tuple[tuple[Value, Value], ...] | None:
    """The output as a function of the number alone; None if other inputs matter."""
    if number is None:
        outputs = {output for _, output in rows}
        return ((None, outputs.pop()),) if len(outputs) == 1 else None
    seen: dict[Value, Value] = {}
    for combination, output in rows:
        if seen.setdefault(combination[number], output) != output:
            return None
    if len(set(seen.values())) == 1:
        return ((None, next(iter(seen.values()))),)
    return tuple((value, seen[value]) for value in ordered(seen))


def units(
    found: Sequence[Case],
    inputs: Sequence[OneHot | Number],
    channel: Mapping[Value, str],
) -> tuple[list[Unit], dict[str, float]]:
    """The cases as hidden units, and what is written always: the most frequent output needs no unit."""
    usual = Counter(_first(case, inputs)[0] for case in found).most_common(1)[0][0]
    made: list[Unit] = []
    always = {channel[usual]: 1.0}
    for case in found:
        condition = [(code.indicator[value]) for code, value in _conditions(case, inputs)]
        start, steps = _first(case, inputs)
        writes = _change(channel, usual, start)
        for border, gap, before, after, number in steps:
            change = _change(channel, before, after)
            points = number.point.values()
            up, down = max(points) - border, border - min(points)
            sign = 1.0 if up <= down else -1.0
            if sign < 0:  # the step runs downwards: the change is there from the start and is taken away below
                writes = {k: writes.get(k, 0.0) + change.get(k, 0.0) for k in writes | change}
                change = {k: -v for k, v in change.items()}
            scale = 2.0 / gap
            held = scale * min(up, down) + 2.0
            terms = [(sign * scale, number.reading), *((held, indicator) for indicator in condition)]
            for lower in (0.0, 1.0):
                constant = -sign * scale * border + 0.5 - lower - held * len(condition)
                writes_here = change if lower == 0 else {k: -v for k, v in change.items()}
                made.append(Unit(Reading.sum(terms, constant), writes_here))
        writes = {name: weight for name, weight in writes.items() if weight}
        if not writes:
            continue
        if condition:
            reads = Reading.sum(((1.0, indicator) for indicator in condition), 1.0 - len(condition))
            made.append(Unit(reads, writes))
        else:
            always = {k: always.get(k, 0.0) + writes.get(k, 0.0) for k in always | writes}
    return made, {name: weight for name, weight in always.items() if weight}


def _conditions(case: Case, inputs: Sequence[OneHot | Number]) -> list[tuple[OneHot, Value]]:
    pairs = []
    for which, value in case.given:
        code = inputs[which]
        assert isinstance(code, OneHot)
        pairs.append((code, value))
    return pairs


def _first(
    case: Case, inputs: Sequence[OneHot | Number]
) -> tuple[Value, list[tuple[float, float, Value, Value, Number]]]:
    """The output at the number's lowest point, and the steps from there: border, gap, output before and after."""
    if len(case.output) == 1:
        return case.output[0][1], []
    (number,) = (code for code in inputs if isinstance(code, Number))
    along = sorted((number.point[value], output) for value, output in case.output)
    steps = []
    for (low, before), (high, after) in pairwise(along):
        if before != after:
            steps.append(((low + high) / 2, high - low, before, after, number))
    return along[0][1], steps


def _change(channel: Mapping[Value, str], before: Value, after: Value) -> dict[str, float]:
    return {} if before == after else {channel[before]: -1.0, channel[after]: 1.0}
