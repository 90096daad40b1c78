"""Expressions that lanes evaluate in part: `and`, `or`, and `... if ... else ...`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.numeric import select, truth
from gpusim.simt.joins import Join, coerced
from gpusim.simt.values import is_number, merge

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def short_circuit(t: Lanes, a: Any, b: Callable[[], Any], needs_b: bool, join: Join | None) -> Any:
    """`a and b()` if `needs_b`, else `a or b()`: b is evaluated by the lanes that a does not settle."""
    condition = truth(a)
    if not isinstance(condition, np.ndarray):
        return _met(t, b() if bool(condition) is needs_b else a, join)
    outer = t.mask
    then, other, _ = outer.split(condition)
    evaluating = then if needs_b else other
    if evaluating is None:
        return _met(t, a, join)
    t.mask = evaluating
    value = b()
    t.mask = outer
    return _met(t, merge(evaluating.bits, value, a), join)


def choose(t: Lanes, condition: Any, yes: Callable[[], Any], no: Callable[[], Any], join: Join | None) -> Any:
    """`yes() if condition else no()`, each evaluated by the lanes that need it."""
    condition = truth(condition)
    if not isinstance(condition, np.ndarray):
        return _met(t, yes() if condition else no(), join)
    outer = t.mask
    then, other, _ = outer.split(condition)
    if then is None:
        return _met(t, no(), join)
    if other is None:
        return _met(t, yes(), join)
    t.mask = then
    a = yes()
    t.mask = other
    b = no()
    t.mask = outer
    return _met(t, merge(then.bits, a, b), join)


def pick(t: Lanes, condition: Any, yes: Any, no: Any) -> Any:
    """`choose` for operands that touch no memory: all lanes have evaluated both."""
    condition = truth(condition)
    if is_number(yes) and is_number(no):
        return select(condition, yes, no)
    if isinstance(condition, np.ndarray):
        return merge(condition, yes, no)
    return yes if condition else no


def _met(t: Lanes, value: Any, join: Join | None) -> Any:
    return coerced((value,), t.types.get(join))[0] if t.types and join else value
