"""Stage 1 of the compiler: which values each expression can take, for a vocabulary and up to a length.

The sets may be larger than what really occurs, never smaller.  An expression that does not look at the tokens is
simply run for every length, so its set is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from math import prod

from lm.rasp.interpreter import Interpreter
from lm.rasp.language import (
    UNDEFINED,
    Expression,
    Indices,
    Map,
    RaspError,
    Tokens,
    Value,
    indices,
    is_number,
    plain,
)
from lm.rasp.selectors import Aggregate, Best, Both, Compare, Not, Selector, Width

ENUMERATED = 50_000
"""So many combinations of inputs are tried at most; beyond that, an expression's own arguments are combined."""

MOST = 8_000
"""No expression may take more values than this."""


def ordered(values: Iterable[Value]) -> tuple[Value, ...]:
    """Without repetition: nothing, numbers, symbols."""
    return tuple(sorted(dict.fromkeys(values), key=lambda v: (v is not None, not is_number(v), 0 if v is None else v)))


class Values:
    """vocabulary: the tokens; length: the longest input; causal: as in the interpreter."""

    def __init__(self, vocabulary: tuple[str, ...], length: int, causal: bool) -> None:
        self.vocabulary, self.length, self.causal = vocabulary, length, causal
        self._known: dict[Expression, tuple[Value, ...]] = {}
        self._runs: list[Interpreter] = []

    def of(self, expression: Expression) -> tuple[Value, ...]:
        """Every value that the expression can take, in order.

        Raises RaspError when there are too many to tell them apart.
        """
        if expression not in self._known:
            values = ordered(self._compute(expression))
            if len(values) > MOST:
                raise RaspError(
                    f"{expression.label!r} can take {len(values)} values with inputs up to {self.length} long: "
                    "compile it for shorter ones"
                )
            self._known[expression] = values
        return self._known[expression]

    def _compute(self, of: Expression) -> Iterable[Value]:
        if isinstance(of, Tokens):
            return self.vocabulary
        if isinstance(of, Indices):
            return range(self.length)
        if not needs_tokens(of):
            return self._by_running(of)
        if isinstance(of, Map):
            return self._of_map(of)
        if isinstance(of, Width):
            return range(int(self.never_empty(of.selector)), self.length + 1)
        assert isinstance(of, Aggregate)
        values = list(self.of(of.values))
        empty = [] if self.never_empty(of.selector) else [of.default]
        if of.kind == "only" or self.is_single(of.selector) or not all(map(is_number, values)):
            return [*values, *empty]
        return [*_means([v for v in values if is_number(v)], self.length, of), *empty]

    def _by_running(self, of: Expression) -> Iterator[Value]:
        self._runs = self._runs or [Interpreter(n, self.causal) for n in range(1, self.length + 1)]
        for interpreter in self._runs:
            yield from interpreter.values(of)

    def _of_map(self, of: Map) -> Iterator[Value]:
        inputs = sources(of)
        if prod(len(self.of(x)) for x in inputs) > ENUMERATED:
            inputs = of.arguments
        sets = [self.of(x) for x in inputs]
        if prod(map(len, sets)) > 8 * ENUMERATED:
            raise RaspError(f"{of.label!r} has too many combinations of inputs: compile it for shorter inputs")
        for combination in product(*sets):
            value = at(of, dict(zip(inputs, combination, strict=True)))
            if value is not OPEN:
                yield value

    def is_single(self, selector: Selector) -> bool:
        """Whether it is certain that at most one position is selected."""
        if isinstance(selector, Both):
            return self.is_single(selector.first) or self.is_single(selector.second)
        if isinstance(selector, Best):
            return self.is_single(selector.selector) or self._tells_positions_apart(selector.score)
        if not isinstance(selector, Compare) or len(selector.keys) != 1:
            return False
        (keys,) = selector.keys
        if not _of_indices(keys):
            return False
        positions = [(at(keys, {indices: i}),) for i in range(self.length)]
        queries = product(*(self.of(q) for q in selector.queries))
        return all(sum(holds(selector, k, q) for k in positions) <= 1 for q in queries)

    def _tells_positions_apart(self, score: Expression) -> bool:
        if not _of_indices(score):
            return False
        return len({at(score, {indices: i}) for i in range(self.length)}) == self.length

    def never_empty(self, selector: Selector) -> bool:
        """Whether it is certain that something is selected: everything is, or each position selects itself."""
        if isinstance(selector, Best):
            return self.never_empty(selector.selector)
        if isinstance(selector, Compare) and not needs_tokens_of(selector):
            self._runs = self._runs or [Interpreter(n, self.causal) for n in range(1, self.length + 1)]
            return all(bool(run.matrix(selector).any(axis=1).all()) for run in self._runs)
        return self._selects_itself(selector) or self._selects_first(selector)

    def _selects_itself(self, selector: Selector) -> bool:
        if isinstance(selector, Both):
            return self._selects_itself(selector.first) and self._selects_itself(selector.second)
        if isinstance(selector, Not) and isinstance(selector.selector, Both):  # an "or"
            inside = selector.selector
            return any(self._selects_itself(_not(part)) for part in (inside.first, inside.second))
        if not isinstance(selector, Compare):
            return False
        inputs = tuple(dict.fromkeys(selector.keys + selector.queries))
        if prod(len(self.of(x)) for x in inputs) > ENUMERATED:
            return False
        for combination in product(*map(self.of, inputs)):
            here = dict(zip(inputs, combination, strict=True))
            if not holds(selector, tuple(here[k] for k in selector.keys), tuple(here[q] for q in selector.queries)):
                return False
        return True

    def _selects_first(self, selector: Selector) -> bool:
        """Position 0 can be seen from everywhere."""
        if isinstance(selector, Not) and isinstance(selector.selector, Both):
            inside = selector.selector
            return any(self._selects_first(_not(part)) for part in (inside.first, inside.second))
        if not isinstance(selector, Compare) or selector.queries:
            return False
        if not all(map(_of_indices, selector.keys)):
            return False
        return holds(selector, tuple(at(k, {indices: 0}) for k in selector.keys), ())


class _Open:
    def __repr__(self) -> str:
        return "OPEN"


OPEN = _Open()
"""The value of a function that is undefined for its arguments: the compiler may choose any."""


def at(expression: Expression, inputs: dict[Expression, Value]) -> Value:
    """The expression's value at a position where the inputs have these values; OPEN where a function has none."""
    known = dict(inputs)  # parts that are used twice are computed once

    def value(of: Expression) -> Value:
        if of not in known:
            assert isinstance(of, Map)
            known[of] = result(of, [value(argument) for argument in of.arguments])
        return known[of]

    return value(expression)


def result(of: Map, arguments: list[Value]) -> Value:
    """The function's value for its arguments; OPEN where it has none."""
    if any(argument is OPEN for argument in arguments):
        return OPEN
    try:
        return plain(of.function(*arguments))
    except UNDEFINED:
        return OPEN


def holds(of: Compare, keys: tuple[Value, ...], queries: tuple[Value, ...]) -> bool:
    """The predicate; false where it is undefined."""
    try:
        return bool(of.predicate(*keys, *queries))
    except UNDEFINED:
        return False


def sources(expression: Expression) -> tuple[Expression, ...]:
    """What an expression is an elementwise function of: tokens, indices, aggregates and counts."""
    found: dict[Expression, None] = {}
    for part in within(expression):
        if not isinstance(part, Map):
            found[part] = None
    return tuple(found)


def within(expression: Expression) -> tuple[Expression, ...]:
    """The expression and what it is an elementwise function of, directly or not, each once."""
    seen: dict[Expression, None] = {expression: None}
    waiting = [expression]
    while waiting:
        part = waiting.pop()
        for argument in part.arguments if isinstance(part, Map) else ():
            if argument not in seen:
                seen[argument] = None
                waiting.append(argument)
    return tuple(seen)


def _of_indices(expression: Expression) -> bool:
    return all(isinstance(source, Indices) for source in sources(expression))


def needs_tokens(expression: Expression) -> bool:
    """Whether the expression looks at the tokens at all."""
    if isinstance(expression, Tokens):
        return True
    if isinstance(expression, Map):
        return any(map(needs_tokens, sources(expression)))
    if isinstance(expression, Width):
        return needs_tokens_of(expression.selector)
    if isinstance(expression, Aggregate):
        return needs_tokens_of(expression.selector) or needs_tokens(expression.values)
    return False


def needs_tokens_of(selector: Selector) -> bool:
    """Whether the selector looks at the tokens at all."""
    if isinstance(selector, Compare):
        return any(map(needs_tokens, selector.keys + selector.queries))
    if isinstance(selector, Both):
        return needs_tokens_of(selector.first) or needs_tokens_of(selector.second)
    if isinstance(selector, Not):
        return needs_tokens_of(selector.selector)
    assert isinstance(selector, Best)
    return needs_tokens_of(selector.selector) or needs_tokens(selector.score)


def _not(selector: Selector) -> Selector:
    return selector.selector if isinstance(selector, Not) else Not(selector)


def _means(numbers: list[Value], length: int, of: Expression) -> set[Value]:
    """Every mean of 1 to `length` of the numbers."""
    sums, means = {Fraction(0)}, set()
    for count in range(1, length + 1):
        sums = {total + number for total in sums for number in numbers}
        means |= {plain(total / count) for total in sums}
        if len(means) > MOST:
            raise RaspError(
                f"{of.label!r} can have more than {MOST} different means with inputs up to {length} long: compile it "
                "for shorter ones, or use only() if the selected values are equal"
            )
    return means
