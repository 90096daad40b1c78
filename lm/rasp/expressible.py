"""Is a program expected to work on longer inputs than a transformer was trained on?  By its structure.

C-RASP (Yang & Chiang 2024, "Counting Like Transformers"; Huang et al. 2024, "A Formal Framework for Understanding
Length Generalization in Transformers", with fixed offsets): a causal program that counts positions by conditions on
them, and compares sums of counts.  What it can express, transformers tend to learn for all lengths.

RASP-L (Zhou et al. 2023, "What Algorithms can Transformers Learn?", section 4): a causal program whose selectors do
not compare positions with computed numbers: indices are compared with indices, at most a fixed distance apart.

Both are judged from what the program says, as if it were causal, with no attempt to find another program for the same
function: a "no" names the first thing that is outside, and a "yes" holds for the function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from lm.rasp.language import TOO_DEEP, Constant, Expression, Indices, Map, RaspError, Tokens
from lm.rasp.selectors import Aggregate, Best, Both, Compare, Not, Selector, Sum, Width
from lm.rasp.values import at, holds, sources

REACH = 9
"""Whether a selector depends on distance alone is tried with indices below this."""


@dataclass(frozen=True)
class Verdict:
    """c_rasp, rasp_l: "" if the program is inside, otherwise what is not."""

    c_rasp: str
    rasp_l: str

    @property
    def generalises(self) -> bool:
        """Whether a transformer that is trained on it is expected to generalise in length."""
        return not (self.c_rasp and self.rasp_l)


class Kind(Enum):
    """How many values there are: as many for every length, or a sum of counts, a share of counts, anything."""

    BOUNDED = "bounded"
    COUNT = "count"
    SHARE = "share"
    OTHER = "other"


def judge(program: Expression) -> Verdict:
    """What the program says, judged in both ways."""
    try:
        return Verdict(next(_c_rasp(program), ""), next(_rasp_l(program), ""))
    except RecursionError:
        raise RaspError(TOO_DEEP) from None


def kind(of: Expression, known: dict[Expression, Kind] | None = None) -> Kind:
    """How the number of the expression's values grows with the length.  known: what was found before."""
    known = {} if known is None else known
    if of not in known:
        known[of] = _kind(of, known)
    return known[of]


def _kind(of: Expression, known: dict[Expression, Kind]) -> Kind:
    if isinstance(of, Tokens | Constant):
        return Kind.BOUNDED
    if isinstance(of, Indices | Width | Sum) or _is_length(of):
        return Kind.COUNT
    if isinstance(of, Aggregate):
        inside = kind(of.values, known)
        averages = of.kind == "mean" or (of.kind == "value" and inside is not Kind.BOUNDED)
        return Kind.SHARE if averages and inside is Kind.BOUNDED else inside
    assert isinstance(of, Map)
    kinds = [kind(argument, known) for argument in of.arguments]
    if of.compares and Kind.OTHER not in kinds and not (Kind.SHARE in kinds and len(kinds) > 1):
        return Kind.BOUNDED
    if all(k is Kind.BOUNDED for k in kinds):
        return Kind.BOUNDED
    if of.affine is not None and all(k in (Kind.BOUNDED, Kind.COUNT) for k in kinds):
        return Kind.COUNT
    if of.affine is not None and kinds == [Kind.SHARE]:
        return Kind.SHARE
    return Kind.OTHER


def _c_rasp(of: Expression) -> Iterator[str]:
    """What is outside C-RASP."""
    for part, selector in _parts(of):
        if isinstance(part, Map) and kind(part) is Kind.OTHER:
            yield f"{part.label!r} does more with counts than add and compare them"
        if selector is None:
            continue
        if _best_in(selector):
            yield f"{part.label!r} chooses the best of several positions"
        for compare in _compares(selector):
            unbounded = [x for x in compare.keys + compare.queries if kind(x) is not Kind.BOUNDED]
            if compare.keys and compare.queries and unbounded and not _by_distance(compare):
                yield f"{compare.label} compares a count at one position with one at another"
        if isinstance(part, Aggregate) and part.kind != "mean" and not any(map(_by_distance, _compares(selector))):
            yield f"{part.label!r} fetches from a position that is not a fixed distance away"
        averages = isinstance(part, Aggregate) and part.kind == "mean" and not _is_length(part)
        if averages and kind(part.values) is not Kind.BOUNDED:  # type: ignore[attr-defined]
            yield f"{part.label!r} averages counts"


def _rasp_l(of: Expression) -> Iterator[str]:
    """What is outside RASP-L."""
    for _, selector in _parts(of):
        for compare in _compares(selector) if selector is not None else ():
            positions = [x for x in compare.keys + compare.queries if any(isinstance(s, Indices) for s in sources(x))]
            if compare.keys and compare.queries and positions and not _by_distance(compare):
                yield f"{compare.label} compares a position with a computed number"


def _is_length(of: Expression) -> bool:
    """The mean of all indices, (n - 1) / 2."""
    if not isinstance(of, Aggregate) or not isinstance(of.values, Indices) or not isinstance(of.selector, Compare):
        return False
    return not of.selector.keys and not of.selector.queries


def _parts(of: Expression) -> Iterator[tuple[Expression, Selector | None]]:
    """Every expression that this one is made of, inner ones first, with its selector if it has one."""
    seen: dict[Expression, None] = {}

    def visit(x: Expression) -> Iterator[tuple[Expression, Selector | None]]:
        if x in seen:
            return
        seen[x] = None
        selector = x.selector if isinstance(x, Aggregate | Width) else None
        inner: list[Expression] = list(x.arguments) if isinstance(x, Map) else []
        if selector is not None:
            inner = [e for c in _compares(selector) for e in c.keys + c.queries] + _scores(selector)
        if isinstance(x, Aggregate):
            inner.append(x.values)
        for expression in inner:
            yield from visit(expression)
        yield x, selector

    return visit(of)


def _compares(selector: Selector) -> list[Compare]:
    if isinstance(selector, Both):
        return _compares(selector.first) + _compares(selector.second)
    if isinstance(selector, Not | Best):
        return _compares(selector.selector)
    assert isinstance(selector, Compare)
    return [selector]


def _scores(selector: Selector) -> list[Expression]:
    return [selector.score, *_scores(selector.selector)] if isinstance(selector, Best) else []


def _best_in(selector: Selector) -> bool:
    return bool(_scores(selector))


def _by_distance(compare: Compare) -> bool:
    """Whether both sides are indices, and only their difference matters."""
    if len(compare.keys) != 1 or len(compare.queries) != 1:
        return False
    if not all(isinstance(s, Indices) for x in compare.keys + compare.queries for s in sources(x)):
        return False
    by_difference: dict[int, bool] = {}
    for j in range(REACH):
        for i in range(REACH):
            k, q = (at(x, dict.fromkeys(sources(x), n)) for x, n in ((compare.keys[0], j), (compare.queries[0], i)))
            if by_difference.setdefault(j - i, holds(compare, (k,), (q,))) != holds(compare, (k,), (q,)):
                return False
    return True
