"""Stage 2c of the compiler: counts and aggregates as attention heads.

    count        the beginning token counts as selected and alone has the value 1: the head reads 1 / (count + 1)
    mean         the head averages the values; where nothing is selected the beginning token gives the default
    one value    the same with a channel for each value

Scores: selected keys have 0, or their rank if the best is chosen; the beginning token has -1, or 0 if it counts; other
keys have at most -2.
"""

from __future__ import annotations

from collections.abc import Mapping

from lm.rasp.codes import Code, Codes, Feature, Head, Number, OneHot, Reading, channels, first_after
from lm.rasp.heads import ALWAYS, without_best
from lm.rasp.language import Expression, RaspError, Value, is_number
from lm.rasp.selectors import Aggregate, Selector, Width, describe

REST, SELECTED = -1.0, 0.0


def count(of: Width, codes: Codes, begin: bool) -> Number:
    """How many keys are selected.  Raises RaspError without a beginning token."""
    if not begin:
        raise RaspError(
            f"{of.label!r} counts, which needs a beginning token to rest on: compile with one, or take the mean of a "
            "condition"
        )
    name = codes.name(of)
    point = {n: 1.0 / (n + 1) for n in codes.values.of(of)}
    made = _head(name, of.selector, codes, {name: Reading()}, SELECTED, {name: 1.0}, ())
    return Number(made.ready, False, Reading.channel(name), point, made_by=made)


def aggregate(of: Aggregate, codes: Codes, begin: bool) -> OneHot | Number:
    """The selected values.  Raises RaspError where nothing may be selected and there is no beginning token."""
    values = codes.values
    empty = not values.never_empty(of.selector)
    if empty and not begin:
        raise RaspError(
            f"{of.label!r} may select nothing ({describe(of.selector)}): compile with a beginning token to rest on"
        )
    single = of.kind == "only" or values.is_single(of.selector)
    if of.kind == "mean" or (not single and all(map(is_number, values.of(of.values)))):
        return _mean(of, codes)
    code, name = codes.one_hot(of.values), codes.name(of)
    channel = channels(name, values.of(of))
    reads = {c: code.indicator.get(v, Reading()) for v, c in channel.items()}
    rest = {channel[of.default]: 1.0} if empty and of.default in channel else {}
    made = _head(name, of.selector, codes, reads, REST, rest, (code,))
    exact = code.exact and values.is_single(of.selector)
    return OneHot(made.ready, exact, {v: Reading.channel(c) for v, c in channel.items()}, made_by=made)


def _mean(of: Aggregate, codes: Codes) -> Number:
    """Nothing, where it is the default, is a number below all others."""
    code: Code
    number, name, values = codes.number(of.values), codes.name(of), codes.values.of(of)
    if number is not None:
        code, reading = number, number.reading
    else:
        code = one_hot = codes.one_hot(of.values)
        reading = Reading.sum((float(v), r) for v, r in one_hot.indicator.items() if is_number(v))
    nothing = min((float(v) for v in values if is_number(v)), default=0.0) - 1.0
    point: dict[Value, float] = {v: float(v) if is_number(v) else nothing for v in values}
    rest = {name: point[of.default]} if of.default in point else {}
    made = _head(name, of.selector, codes, {name: reading}, REST, rest, (code,))
    exact = code.exact and codes.values.is_single(of.selector)
    return Number(made.ready, exact, Reading.channel(name), point, made_by=made)


def _head(
    name: str,
    selector: Selector,
    codes: Codes,
    values: Mapping[str, Reading],
    begin_score: float,
    begin_values: Mapping[str, float],
    inputs: tuple[Code, ...],
) -> Head:
    within, score = without_best(selector)
    if score is not None and begin_score == SELECTED:
        raise RaspError(f"{name!r} counts what best() selects: it is one unless scores are equal; count the rest")
    found, read = codes.conditions(within)
    needed, highest = [*inputs, *read], 0.0
    if score is not None:
        rank, highest, code = _rank(score, codes)
        needed.append(code)
    found = [Feature(f.key, Reading.sum([(highest + 2, f.query)])) for f in found]
    if score is not None:
        found.append(Feature(rank, ALWAYS))
    ready = first_after(max((code.ready for code in needed), default=0), mlp=False)
    layer = (ready + 1) // 2
    words = describe(selector)
    return Head(name, layer, tuple(found), values, begin_score, begin_values, highest, tuple(needed), words)


def _rank(score: Expression, codes: Codes) -> tuple[Reading, float, Code]:
    """The score as whole numbers from 0 in the same order, and the highest of them."""
    values = codes.values.of(score)
    if not all(map(is_number, values)):
        raise RaspError(f"best() needs numbers as scores and {score.label!r} has others")
    number = codes.number(score)
    if number is not None and number.exact and all(isinstance(v, int) for v in values):
        return Reading.sum([(1.0, number.reading)], -float(values[0])), float(values[-1] - values[0]), number
    code = codes.one_hot(score)
    return Reading.sum((float(i), code.indicator[v]) for i, v in enumerate(values)), len(values) - 1.0, code
