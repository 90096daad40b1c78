"""Stage 2 of the compiler: where everything is computed, and in which code.

Attention and MLPs alternate; each part goes to the first one where its inputs are ready.  What needs no part at all:
a function of one value in a one-hot code (its indicators are sums of that value's), and a sum of numbers.
An elementwise function of several values is one look-up in an MLP (`lookups`); counts and aggregates are heads
(`aggregates`).
"""

from __future__ import annotations

from lm.rasp.aggregates import aggregate, count
from lm.rasp.codes import Code, Feature, Number, OneHot, Reading, channels
from lm.rasp.heads import conditions, features
from lm.rasp.language import Expression, Indices, Map, Tokens, Value, is_number
from lm.rasp.lookups import look_up
from lm.rasp.selectors import Aggregate, Selector, Width
from lm.rasp.values import OPEN, Values, at, sources


class Placement:
    """The codes of expressions, made when they are asked for.  begin: whether a beginning token comes first."""

    def __init__(self, values: Values, begin: bool) -> None:
        self.values, self.begin = values, begin
        self._one_hot: dict[Expression, OneHot] = {}
        self._number: dict[Expression, Number | None] = {}
        self._natural: dict[Expression, OneHot | Number] = {}
        self._features: dict[Selector, tuple[list[Feature], list[Code]]] = {}
        self._names: dict[str, int] = {}

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
        if number is not None and number.precise and self.one_source(of) is None:
            return number
        return self.one_hot(of)

    def _make_natural(self, of: Expression) -> OneHot | Number:
        if isinstance(of, Tokens | Indices):
            name = "tokens" if isinstance(of, Tokens) else "indices"
            channel = channels(name, self.values.of(of))
            return OneHot(0, True, {v: Reading.channel(c) for v, c in channel.items()})
        if isinstance(of, Width):
            return count(of, self, self.begin)
        assert isinstance(of, Aggregate)
        return aggregate(of, self, self.begin)

    def _make_one_hot(self, of: Expression) -> OneHot:
        if not isinstance(of, Map):
            code = self.natural(of)
            return code if isinstance(code, OneHot) else look_up(of, self)
        source = self.one_source(of)
        if source is None:
            return look_up(of, self)
        code = self.one_hot(source)
        indicator: dict[Value, list[Reading]] = {}
        for value, reading in code.indicator.items():
            result = at(of, {source: value})
            if result is not OPEN:
                indicator.setdefault(result, []).append(reading)
        summed = {value: Reading.sum((1.0, r) for r in readings) for value, readings in indicator.items()}
        return OneHot(code.ready, code.exact, summed, more=(code,))

    def one_source(self, of: Expression) -> Expression | None:
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
        if not isinstance(of, Map) or self.one_source(of) is not None:
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

    def conditions(self, selector: Selector) -> tuple[list[Feature], list[Code]]:
        """The features of all of a selector's conditions, and the codes that they read."""
        if selector not in self._features:
            parts = [features(condition, self.values, self.one_hot) for condition in conditions(selector)]
            found, read = [f for more, _ in parts for f in more], [c for _, more in parts for c in more]
            self._features[selector] = found, read
        return self._features[selector]

    def name(self, of: Expression) -> str:
        """The expression's label, numbered from its second use on."""
        uses = self._names[of.label] = self._names.get(of.label, 0) + 1
        return of.label if uses == 1 else f"{of.label} ({uses})"
