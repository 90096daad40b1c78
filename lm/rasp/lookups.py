"""Stage 2b of the compiler: an elementwise function of several values as one look-up in an MLP.

It goes to the first MLP where everything is ready.  It may read its inputs at several depths: a sum of numbers as one
number, a part that an earlier MLP has looked up already, or what is underneath.  The smallest choice is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod

from lm.rasp.codes import Codes, Number, OneHot, Reading, Table, channels, first_after
from lm.rasp.language import Expression, Map, RaspError
from lm.rasp.tables import Case, cases, size, units
from lm.rasp.values import ENUMERATED, OPEN, at, sources

LATEST = 40
"""So many sublayers after the first possible one are tried."""


@dataclass(frozen=True)
class Plan:
    """A look-up that could be: what it reads, and its cases."""

    codes: tuple[OneHot | Number, ...]
    found: list[Case]


def look_up(of: Expression, codes: Codes) -> OneHot:
    """A look-up of its own for the expression.

    Raises RaspError when it looks at too many combinations of values.
    """
    first = first_after(max(codes.natural(source).ready for source in sources(of)), mlp=True)
    for ready in range(first, first + LATEST, 2):
        plans = [_plan(of, ready, codes, numbers_first) for numbers_first in (True, False)]
        possible = [plan for plan in plans if plan is not None]
        if possible:
            return _made(of, ready, codes, min(possible, key=lambda plan: size(plan.found)))
    raise RaspError(
        f"{of.label!r} looks at too many combinations of values: compile it for shorter inputs or fewer tokens"
    )


def _plan(of: Expression, ready: int, codes: Codes, numbers_first: bool) -> Plan | None:
    read = _inputs(of, ready, codes, numbers_first)
    numbers = [i for i, code in enumerate(read.values()) if isinstance(code, Number)]
    if len(numbers) > 1 or any(isinstance(code, Number) and not code.precise for code in read.values()):
        return None
    sets = [codes.values.of(x) for x in read]
    if prod(map(len, sets)) > ENUMERATED:
        return None
    table = {c: at(of, dict(zip(read, c, strict=True))) for c in product(*sets)}
    if all(output is OPEN for output in table.values()):
        raise RaspError(f"{of.label!r} is undefined for all values of its arguments")
    return Plan(tuple(read.values()), cases(sets, table, numbers[0] if numbers else None))


def _inputs(top: Expression, ready: int, codes: Codes, numbers_first: bool) -> dict[Expression, OneHot | Number]:
    """What the look-up reads: as far down from `top` as needed for everything to be ready."""
    found: dict[Expression, OneHot | Number] = {}
    seen: dict[Expression, None] = {}

    def visit(x: Expression) -> None:
        if x in seen:
            return
        seen[x] = None
        code = _readable(x, x is top, ready, codes, numbers_first)
        if code is not None:
            found[x] = code
            return
        assert isinstance(x, Map)
        for argument in x.arguments:
            visit(argument)

    visit(top)
    return found


def _readable(x: Expression, is_top: bool, ready: int, codes: Codes, numbers_first: bool) -> OneHot | Number | None:
    """The code of `x` if the look-up can read it as it is; None: it must read what `x` is made of."""
    if not isinstance(x, Map):
        code = codes.natural(x)
        digits_ready = isinstance(code, Number) and not is_top and first_after(code.ready, mlp=True) < ready
        return codes.one_hot(x) if digits_ready else code
    number = codes.number(x) if numbers_first or is_top else None
    if number is not None and number.precise and number.ready < ready and codes.one_source(x) is None:
        return number
    return codes.one_hot(x) if not is_top and _ready_before(x, ready, codes) else None


def _ready_before(x: Expression, ready: int, codes: Codes) -> bool:
    """Whether the expression has a one-hot code early enough to be read."""
    if codes.one_source(x) is not None:
        return True
    if first_after(max(codes.natural(source).ready for source in sources(x)), mlp=True) >= ready:
        return False
    return codes.one_hot(x).ready < ready


def _made(of: Expression, ready: int, codes: Codes, plan: Plan) -> OneHot:
    name = codes.name(of)
    channel = channels(name, dict.fromkeys(output for case in plan.found for _, output in case.output))
    made, always = units(plan.found, plan.codes, channel)
    exact = all(code.exact and (isinstance(code, OneHot) or code.gap >= 1) for code in plan.codes)
    table = Table(name, ready // 2, tuple(made), always, plan.codes)
    return OneHot(ready, exact, {v: Reading.channel(c) for v, c in channel.items()}, made_by=table)
