"""Stage 2 of the compiler: where everything is computed, and in which code.

Attention and MLPs alternate; each part goes to the first one where its inputs are ready.  What needs no part at all:
a function of one value in a one-hot code (its indicators are sums of that value's), and a sum of numbers.
An elementwise function of several values is one look-up in an MLP, read from the latest inputs that are ready.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod

from lm.rasp.codes import Code, Head, Number, OneHot, Reading, Table
from lm.rasp.heads import ALWAYS, Feature, conditions, features, without_best
from lm.rasp.language import Expression, Indices, Map, RaspError, Tokens, Value, is_number, text
from lm.rasp.selectors import Aggregate, Selector, Width, describe
from lm.rasp.tables import Case, cases, size, units
from lm.rasp.values import ENUMERATED, OPEN, Values, at, sources


@dataclass(frozen=True)
class _Plan:
    """A look-up that could be: its inputs, and how many units it takes."""

    inputs: tuple[Expression, ...]
    codes: tuple[OneHot | Number, ...]
    found: list[Case]

    @property
    def size(self) -> int:
        return size(self.found)


class Placement:
    """Codes of expressions.  begin: whether a beginning token comes first."""

    def __init__(self, values: Values, begin: bool) -> None:
        self.values, self.begin = values, begin
        self._one_hot: dict[Expression, OneHot] = {}
        self._number: dict[Expression, Number | None] = {}
        self._natural: dict[Expression, OneHot | Number] = {}
        self._features: dict[Selector, tuple[list[Feature], list[Code]]] = {}
        self._names: dict[str, int] = {}

    # -- codes ---------------------------------------------------------------------------------------------------

    def one_hot(self, of: Expression) -> OneHot:
        """The expression in a one-hot code."""
        if of not in self._one_hot:
            self._one_hot[of] = self._make_one_hot(of)
        return self._one_hot[of]

    def number(self, of: Expression) -> Number | None:
        """A reading that is the expression's own value, if that needs no part of its own."""
        if of not in self._number:
            self._number[of] = self._make_number(of)
        return self._number[of]

    def natural(self, of: Expression) -> OneHot | Number:
        """The code in which a source is written: one-hot, or a number for means and counts."""
        if of not in self._natural:
            self._natural[of] = self._make_natural(of)
        return self._natural[of]

    def cheapest(self, of: Expression) -> OneHot | Number:
        """A code of the expression that is ready first and takes no part if possible."""
        if not isinstance(of, Map):
            return self.natural(of)
        number = self.number(of)
        if number is not None and number.precise and self._one_source(of) is None:
            return number
        return self.one_hot(of)

    def _make_natural(self, of: Expression) -> OneHot | Number:
        if isinstance(of, Tokens | Indices):
            name = "tokens" if isinstance(of, Tokens) else "indices"
            indicator = {v: Reading.channel(f"{name}={text(v)}") for v in self.values.of(of)}
            return OneHot(0, True, indicator)
        if isinstance(of, Width):
            return self._width(of)
        assert isinstance(of, Aggregate)
        return self._aggregate(of)

    def _make_one_hot(self, of: Expression) -> OneHot:
        if not isinstance(of, Map):
            code = self.natural(of)
            return code if isinstance(code, OneHot) else self._table(of)
        source = self._one_source(of)
        if source is None:
            return self._table(of)
        code = self.one_hot(source)
        indicator: dict[Value, list[Reading]] = {}
        for value, reading in code.indicator.items():
            result = at(of, {source: value})
            if result is not OPEN:
                indicator.setdefault(result, []).append(reading)
        summed = {value: Reading.sum((1.0, r) for r in readings) for value, readings in indicator.items()}
        return OneHot(code.ready, code.exact, summed, more=(code,))

    def _one_source(self, of: Expression) -> Expression | None:
        """The one source that the expression is a function of, if that is in a one-hot code."""
        found = sources(of)
        if len(found) == 1 and isinstance(self.natural(found[0]), OneHot):
            return found[0]
        return None

    def _make_number(self, of: Expression) -> Number | None:
        values = self.values.of(of)
        if not values or not all(map(is_number, values)):
            return None
        point = {v: float(v) for v in values}
        if not isinstance(of, Map) or self._one_source(of) is not None:
            if isinstance(of, Width):
                return None  # it is written as 1 / (count + 1)
            if not isinstance(of, Map) and isinstance(self.natural(of), Number):
                code = self.natural(of)
                assert isinstance(code, Number)
                return code
            return self._read_as_number(of)
        if of.affine is None:
            return None
        coefficients, constant = of.affine
        known = []
        for argument in of.arguments:
            term = self.number(argument) or self._read_as_number(argument)
            if term is None:
                return None
            known.append(term)
        reading = Reading.sum(
            ((float(c), term.reading) for c, term in zip(coefficients, known, strict=True)), float(constant)
        )
        exact = all(term.exact for term in known)
        return Number(max(term.ready for term in known), exact, reading, point, more=tuple(known))

    def _read_as_number(self, of: Expression) -> Number | None:
        """The expression's value, read from its one-hot code."""
        if not all(map(is_number, self.values.of(of))):
            return None
        code = self.one_hot(of)
        reading = Reading.sum((float(v), indicator) for v, indicator in code.indicator.items())
        return Number(code.ready, code.exact, reading, {v: float(v) for v in code.indicator}, more=(code,))

    # -- look-ups ------------------------------------------------------------------------------------------------

    def _table(self, of: Expression) -> OneHot:
        """A look-up of its own for the expression, in the first MLP where that is possible."""
        first = _next(max(self.natural(source).ready for source in sources(of)), even=True)
        for ready in range(first, first + 40, 2):
            plans = [self._plan(of, ready, numbers_first) for numbers_first in (True, False)]
            possible = [plan for plan in plans if plan is not None]
            if possible:
                return self._look_up(of, ready, min(possible, key=lambda plan: plan.size))
        raise RaspError(
            f"{of.label!r} looks at too many combinations of values: compile it for shorter inputs or fewer tokens"
        )

    def _plan(self, of: Expression, ready: int, numbers_first: bool) -> _Plan | None:
        read = self._inputs(of, of, ready, numbers_first)
        inputs, codes = tuple(read), tuple(read.values())
        numbers = [i for i, code in enumerate(codes) if isinstance(code, Number)]
        if len(numbers) > 1 or any(isinstance(code, Number) and not code.precise for code in codes):
            return None
        sets = [self.values.of(x) for x in inputs]
        if prod(map(len, sets)) > ENUMERATED:
            return None
        table = {c: at(of, dict(zip(inputs, c, strict=True))) for c in product(*sets)}
        if all(output is OPEN for output in table.values()):
            raise RaspError(f"{of.label!r} is undefined for all values of its arguments")
        return _Plan(inputs, codes, cases(sets, table, numbers[0] if numbers else None))

    def _inputs(
        self, x: Expression, top: Expression, ready: int, numbers_first: bool
    ) -> dict[Expression, OneHot | Number]:
        """What the look-up reads: as far down from `top` as needed for everything to be ready."""
        if not isinstance(x, Map):
            code = self.natural(x)
            digits_ready = isinstance(code, Number) and x is not top and _next(code.ready, even=True) < ready
            return {x: self.one_hot(x) if digits_ready else code}
        number = self.number(x) if numbers_first or x is top else None
        if number is not None and number.precise and number.ready < ready and self._one_source(x) is None:
            return {x: number}
        if x is not top and self._ready_before(x, ready):
            return {x: self.one_hot(x)}
        found: dict[Expression, OneHot | Number] = {}
        for argument in x.arguments:
            found |= self._inputs(argument, top, ready, numbers_first)
        return found

    def _ready_before(self, x: Expression, ready: int) -> bool:
        """Whether the expression has a one-hot code early enough to be read."""
        if self._one_source(x) is not None:
            return True
        if _next(max(self.natural(source).ready for source in sources(x)), even=True) >= ready:
            return False
        return self.one_hot(x).ready < ready

    def _look_up(self, of: Expression, ready: int, plan: _Plan) -> OneHot:
        name = self._name(of)
        outputs = dict.fromkeys(output for case in plan.found for _, output in case.output)
        channel = {value: f"{name}={text(value)}" for value in outputs}
        made, always = units(plan.found, plan.codes, channel)
        exact = all(code.exact and (isinstance(code, OneHot) or code.gap >= 1) for code in plan.codes)
        table = Table(name, ready // 2, tuple(made), always, plan.codes)
        indicator = {value: Reading.channel(c) for value, c in channel.items()}
        return OneHot(ready, exact, indicator, made_by=table)

    # -- heads ---------------------------------------------------------------------------------------------------

    def _width(self, of: Width) -> Number:
        """The beginning token is always selected and alone has the value 1: the head reads 1 / (count + 1)."""
        if not self.begin:
            raise RaspError(
                f"{of.label!r} counts, which needs a beginning token to rest on: compile with one, or take the mean of "
                "a condition"
            )
        name = self._name(of)
        point = {n: 1.0 / (n + 1) for n in self.values.of(of)}
        head = self._head(name, of.selector, {name: Reading()}, 0.0, {name: 1.0}, ())
        return Number(2 * head.layer - 1, False, Reading.channel(name), point, made_by=head)

    def _aggregate(self, of: Aggregate) -> OneHot | Number:
        values = self.values.of(of)
        empty = not self.values.never_empty(of.selector)
        if empty and not self.begin:
            raise RaspError(
                f"{of.label!r} may select nothing ({describe(of.selector)}): compile with a beginning token to rest on"
            )
        single = of.kind == "only" or self.values.is_single(of.selector)
        numeric = all(is_number(v) for v in self.values.of(of.values))
        name = self._name(of)
        if of.kind == "mean" or (numeric and not single):
            return self._mean(of, name, values)
        code = self.one_hot(of.values)
        channel = {v: f"{name}={text(v)}" for v in values}
        reads = {channel[v]: code.indicator.get(v, Reading()) for v in values}
        begin = {channel[of.default]: 1.0} if empty and of.default in channel else {}
        head = self._head(name, of.selector, reads, -1.0, begin, (code,))
        exact = code.exact and self.values.is_single(of.selector)
        return OneHot(2 * head.layer - 1, exact, {v: Reading.channel(channel[v]) for v in values}, made_by=head)

    def _mean(self, of: Aggregate, name: str, values: tuple[Value, ...]) -> Number:
        code: Code | None = self.number(of.values)
        if code is None:
            one_hot = self.one_hot(of.values)
            pairs = [(float(v), r) for v, r in one_hot.indicator.items() if is_number(v)]
            reading, code = Reading.sum(pairs), one_hot
        else:
            assert isinstance(code, Number)
            reading = code.reading
        numbers = [float(v) for v in values if is_number(v)]
        point = {v: float(v) if is_number(v) else min(numbers, default=0.0) - 1.0 for v in values}
        begin = {name: point[of.default]} if of.default in point else {}
        head = self._head(name, of.selector, {name: reading}, -1.0, begin, (code,))
        exact = code.exact and self.values.is_single(of.selector)
        return Number(2 * head.layer - 1, exact, Reading.channel(name), point, made_by=head)

    def _head(
        self,
        name: str,
        selector: Selector,
        values: Mapping[str, Reading],
        begin_score: float,
        begin_values: Mapping[str, float],
        inputs: tuple[Code, ...],
    ) -> Head:
        within, score = without_best(selector)
        if score is not None and begin_score == 0:
            raise RaspError(f"{name!r} counts what best() selects: it is one unless scores are equal; count the rest")
        found, read = self._conditions(within)
        codes = [*inputs, *read]
        highest = 0.0
        if score is not None:
            rank, highest, code = self._rank(score)
            codes.append(code)
        # Selected keys have 0 to `highest`, the beginning token has -1, other keys at most -2.
        found = [Feature(f.key, Reading.sum([(highest + 2, f.query)])) for f in found]
        if score is not None:
            found.append(Feature(rank, ALWAYS))
        ready = _next(max((code.ready for code in codes), default=0), even=False)
        layer = (ready + 1) // 2
        return Head(
            name, layer, tuple(found), values, begin_score, begin_values, highest, tuple(codes), describe(selector)
        )

    def _conditions(self, selector: Selector) -> tuple[list[Feature], list[Code]]:
        """The features of all conditions, and the codes that they read."""
        if selector not in self._features:
            parts = [features(condition, self.values, self.one_hot) for condition in conditions(selector)]
            found, read = [f for more, _ in parts for f in more], [c for _, more in parts for c in more]
            self._features[selector] = found, read
        return self._features[selector]

    def _rank(self, score: Expression) -> tuple[Reading, float, Code]:
        """The score as whole numbers from 0 in the same order, and the highest of them."""
        values = self.values.of(score)
        if not all(map(is_number, values)):
            raise RaspError(f"best() needs numbers as scores and {score.label!r} has others")
        number = self.number(score)
        if number is not None and number.exact and all(isinstance(v, int) for v in values):
            return Reading.sum([(1.0, number.reading)], -float(values[0])), float(values[-1] - values[0]), number
        code = self.one_hot(score)
        return Reading.sum((float(i), code.indicator[v]) for i, v in enumerate(values)), float(len(values)), code

    def _name(self, of: Expression) -> str:
        """The expression's label, numbered from its second use on."""
        uses = self._names[of.label] = self._names.get(of.label, 0) + 1
        return of.label if uses == 1 else f"{of.label} ({uses})"


def _next(ready: int, *, even: bool) -> int:
    """The first attention (odd) or MLP (even) after something is ready."""
    return ready + 1 if (ready + 1) % 2 == (0 if even else 1) else ready + 2
