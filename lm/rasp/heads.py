"""Stage 3b of the compiler: a selector as the features of an attention head.

A selector is brought into the form "all of these hold", where each condition is about the values at the key and the
values at the query (an "or" becomes one condition about all that it looks at).  A condition adds a penalty to the
score: 0 where it holds and at least 1 where it does not, so the keys with score 0 are the selected ones.

    any condition   penalty matrix N[key value, query value]: one feature for each distinct row, or column if fewer
    x = y           (x - y)^2 = x^2 - 2 x y + y^2, three features whatever the number of values, where every query
                    value is equal to at most one key value; codes are whole numbers, so it is exact

`best` adds the score's rank, and penalties then count for more than all ranks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product

from lm.rasp.codes import Code, Feature, OneHot, Reading
from lm.rasp.language import Expression, Map, RaspError, Value
from lm.rasp.selectors import Best, Both, Compare, Not, Selector
from lm.rasp.values import Values, holds

ALWAYS = Reading((), 1.0)
FEW = 4
"""From so many features on, equality is written as a square."""

LARGEST_CONDITION = 4_000_000


@dataclass(frozen=True)
class Condition:
    """holds(values at the key, values at the query)"""

    keys: tuple[Expression, ...]
    queries: tuple[Expression, ...]
    holds: Callable[[tuple[Value, ...], tuple[Value, ...]], bool]


def conditions(selector: Selector) -> list[Condition]:
    """What must hold for a key to be selected; conditions about the same sequences are one."""
    merged: dict[tuple[tuple[Expression, ...], tuple[Expression, ...]], Condition] = {}
    for part in _all_of(selector):
        made = _condition(part)
        where = (made.keys, made.queries)
        merged[where] = _and(merged[where], made) if where in merged else made
    return list(merged.values())


def _all_of(selector: Selector) -> list[Selector]:
    """Selectors that must all select."""
    if isinstance(selector, Both):
        return _all_of(selector.first) + _all_of(selector.second)
    if isinstance(selector, Not) and isinstance(selector.selector, Not):
        return _all_of(selector.selector.selector)
    return [selector]


def _condition(selector: Selector) -> Condition:
    if isinstance(selector, Compare):
        return Condition(selector.keys, selector.queries, lambda k, q: holds(selector, k, q))
    if isinstance(selector, Not):
        inside = _condition(selector.selector)
        return Condition(inside.keys, inside.queries, lambda k, q: not inside.holds(k, q))
    if isinstance(selector, Both):
        return _and(_condition(selector.first), _condition(selector.second))
    raise RaspError("best() must come last: choose with it after all conditions")


def _and(a: Condition, b: Condition) -> Condition:
    keys, queries = tuple(dict.fromkeys(a.keys + b.keys)), tuple(dict.fromkeys(a.queries + b.queries))
    a_keys, a_queries = _places(a.keys, keys), _places(a.queries, queries)
    b_keys, b_queries = _places(b.keys, keys), _places(b.queries, queries)

    def both(k: tuple[Value, ...], q: tuple[Value, ...]) -> bool:
        return a.holds(tuple(k[i] for i in a_keys), tuple(q[i] for i in a_queries)) and b.holds(
            tuple(k[i] for i in b_keys), tuple(q[i] for i in b_queries)
        )

    return Condition(keys, queries, both)


def _places(some: Sequence[Expression], among: Sequence[Expression]) -> list[int]:
    position = {expression: i for i, expression in enumerate(among)}
    return [position[expression] for expression in some]


def without_best(selector: Selector) -> tuple[Selector, Expression | None]:
    """The selector and the score that chooses among what it selects."""
    if isinstance(selector, Best):
        inside, score = without_best(selector.selector)
        if score is not None:
            raise RaspError("best() of best() is not supported: make one score of the two")
        return inside, selector.score
    return selector, None


def features(condition: Condition, values: Values, one_hot: Callable[[Expression], OneHot]) -> tuple[
    list[Feature], list[Code]
]:
    """The features whose products sum to minus the condition's penalty, and the codes that they read."""
    key_sets = list(product(*map(values.of, condition.keys)))
    query_sets = list(product(*map(values.of, condition.queries)))
    if len(key_sets) * len(query_sets) > LARGEST_CONDITION:
        raise RaspError(
            f"a selector looks at too many combinations ({len(key_sets)} x {len(query_sets)}): "
            "name parts of it, or compile it for shorter inputs"
        )
    allowed = [[condition.holds(k, q) for q in query_sets] for k in key_sets]
    signatures = [tuple(row) for row in allowed], [tuple(row[j] for row in allowed) for j in range(len(query_sets))]
    same = [*map(id, condition.keys)] == [*map(id, condition.queries)]
    if same and len(condition.keys) > 1:  # one look-up serves both sides
        both = list(zip(*signatures, strict=True))
        joint = _joint(condition.keys, key_sets, both)
        key, key_class, key_code = _classes((joint,), [(c,) for c in _numbers(both)], signatures[0], one_hot)
        query, query_class, query_code = _classes((joint,), [(c,) for c in _numbers(both)], signatures[1], one_hot)
    else:
        sides, given = [], ((condition.keys, key_sets), (condition.queries, query_sets))
        for (of, sets), signature in zip(given, signatures, strict=True):
            if len(of) > 1:
                of, sets = (_joint(of, sets, signature),), [(c,) for c in _numbers(signature)]
            sides.append(_classes(of, sets, signature, one_hot))
        (key, key_class, key_code), (query, query_class, query_code) = sides
    codes = [code for code in (key_code, query_code) if code is not None]

    # holds[c, d] for a class of key values and a class of query values
    rows = {c: k for k, c in reversed(list(enumerate(key_class)))}
    cols = {d: q for q, d in reversed(list(enumerate(query_class)))}
    matrix = {(c, d): allowed[k][q] for c, k in rows.items() for d, q in cols.items()}
    if all(matrix.values()):
        return [], []
    needed_keys = [c for c in rows if not all(matrix[c, d] for d in cols)]
    needed_queries = [d for d in cols if not all(matrix[c, d] for c in rows)]
    exact = all(code.exact for code in codes)
    if min(len(needed_keys), len(needed_queries)) >= FEW and exact and len(codes) == 2:
        partner = {d: [c for c in rows if matrix[c, d]] for d in cols}
        if all(len(keys) <= 1 for keys in partner.values()):
            return _square(key, query, {d: keys[0] if keys else None for d, keys in partner.items()}), codes
    if len(needed_keys) <= len(needed_queries):
        return [
            Feature(key[c], Reading.sum((-1.0, query[d]) for d in cols if not matrix[c, d])) for c in needed_keys
        ], codes
    return [
        Feature(Reading.sum((-1.0, key[c]) for c in rows if not matrix[c, d]), query[d]) for d in needed_queries
    ], codes


def _numbers(signatures: Sequence[object]) -> list[int]:
    """Equal signatures get equal numbers, from 0 in order of appearance."""
    number: dict[object, int] = {}
    return [number.setdefault(signature, len(number)) for signature in signatures]


def _joint(of: tuple[Expression, ...], sets: list[tuple[Value, ...]], signatures: Sequence[object]) -> Expression:
    """Several sequences as one, of classes of values that the condition does not tell apart."""
    class_of = dict(zip(sets, _numbers(signatures), strict=True))
    return Map(lambda *given: class_of[given], of, " and ".join(part.label for part in of))


def _classes(
    of: tuple[Expression, ...],
    sets: list[tuple[Value, ...]],
    signatures: Sequence[object],
    one_hot: Callable[[Expression], OneHot],
) -> tuple[dict[int, Reading], list[int], Code | None]:
    """An indicator for each class of values, each value's class, and the code that the indicators are read from."""
    classes = _numbers(signatures)
    if not of:
        return {0: ALWAYS}, classes, None
    code = one_hot(of[0])
    members: dict[int, dict[Value, Reading]] = {c: {} for c in classes}
    for (value,), c in zip(sets, classes, strict=True):
        members[c][value] = code.indicator.get(value, Reading())
    return {c: Reading.sum((1.0, r) for r in readings.values()) for c, readings in members.items()}, classes, code


def _square(key: dict[int, Reading], query: dict[int, Reading], partner: dict[int, int | None]) -> list[Feature]:
    """-(x - y)^2 with a whole number x for each class of keys; a query's y is its partner's x, or no key's."""
    wanted = sorted({c for c in partner.values() if c is not None})
    middle = len(wanted) // 2
    x = {c: i - middle for i, c in enumerate(wanted)}
    unpaired = len(wanted) - middle
    x |= {c: unpaired for c in key if c not in x}
    y = {d: -middle - 1 if c is None else x[c] for d, c in partner.items()}
    return [
        Feature(
            Reading.sum((x[c], reading) for c, reading in key.items()),
            Reading.sum((2.0 * y[d], reading) for d, reading in query.items()),
        ),
        Feature(
            Reading.sum((x[c] ** 2, reading) for c, reading in key.items()),
            Reading.sum((-1.0, reading) for reading in query.values()),
        ),
        Feature(
            Reading.sum((1.0, reading) for reading in key.values()),
            Reading.sum((-1.0 * y[d] ** 2, reading) for d, reading in query.items()),
        ),
    ]
