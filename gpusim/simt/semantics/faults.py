"""Accesses that a GPU refuses, or that are rarely meant, as events for those who watch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.events.faults import Fault, WrapsAround
from gpusim.memory.view import View
from gpusim.places import Site
from gpusim.simt.values import is_number

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def fault(t: Lanes, event: Fault) -> None:
    """An access that a GPU refuses; if no observer raises, the lanes go on."""
    for observer in t.launch.watching("fault"):
        observer.fault(event)


def wraps_around(t: Lanes, view: View, index: tuple[Any, ...], site: Site) -> None:
    """A negative index wrapped around: legal in Numba, and meant where it is written with a minus."""
    if site in t.launch.wrapped:
        return
    t.launch.wrapped.add(site)
    if _is_meant(site, index):
        return
    lane = _first_negative(t, index)
    event = WrapsAround(t.chunk.place(site, lane), view.buffer.array, describe_index(index, lane))
    for observer in t.launch.watching("wraps_around"):
        observer.wraps_around(event)


def describe_index(index: tuple[Any, ...], lane: int) -> str:
    """The index as one lane sees it: `5` or `(2, 0)`."""

    def show(item: Any) -> str:
        if isinstance(item, slice):
            return ":"
        return str(int(item[lane] if isinstance(item, np.ndarray) else item))

    parts = [show(item) for item in index if item is not None]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def _first_negative(t: Lanes, index: tuple[Any, ...]) -> int:
    negative = np.zeros(t.chunk.lanes, dtype=np.bool_)
    for part in index:
        if is_number(part):
            negative |= part < 0
    return int(np.argmax(negative & t.mask.bits))


def _is_meant(site: Site, index: tuple[Any, ...]) -> bool:
    """Are all negative parts of an index written with a minus, as in `a[-1]`?"""
    try:
        node = ast.parse(site.text, mode="eval").body
    except SyntaxError:
        return False
    if not isinstance(node, ast.Subscript):
        return False
    parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    if len(parts) != len(index):
        return False
    return all(
        isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant)
        for part, value in zip(parts, index, strict=True)
        if is_number(value) and bool(np.any(value < 0))
    )
