"""Statements that change no memory: what is announced, and what ends a launch."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import KernelError, thrown
from gpusim.events.statements import Block, Statement
from gpusim.numeric import truth
from gpusim.places import Site
from gpusim.simt.values import shown

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes


def issue(t: Lanes, block: Block) -> None:
    """A straight-line block of statements starts."""
    mask = t.mask
    for observer in t.on_issue:
        observer.issue(block, mask)


def reach(t: Lanes, statement: Statement) -> None:
    """A statement starts, in a program that is lowered to be followed."""
    for observer in t.launch.watching("statement"):
        observer.statement(statement, t.mask, t.chunk)


def assigned(t: Lanes, statement: Statement, name: str, value: Any) -> None:
    """A variable has got a value, in a program that is lowered to be followed."""
    for observer in t.launch.watching("assigned"):
        observer.assigned(statement, name, value, t.mask, t.chunk)


def check(t: Lanes, condition: Any, message: Any, site: Site) -> None:
    """`assert condition, message`"""
    condition = truth(condition)
    if isinstance(condition, np.ndarray):
        failed = t.mask.bits & ~condition
        if not failed.any():
            return
        lane = int(np.argmax(failed))
    elif condition:
        return
    else:
        lane = t.mask.first()
    place = t.chunk.place(site, lane)
    said = f" ({message})" if message else ""
    raise KernelError(f"`{site.text}` fails{said} in thread {place.thread} of block {place.block}", place)


def raised(t: Lanes, exception: Callable[[], Exception], site: Site) -> None:
    """`raise ...` ends the launch: the host gets an exception of that class that is a `KernelError`, too."""
    lane = t.mask.first()
    said = " ".join(shown(value, lane) for value in exception.args)  # type: ignore[attr-defined]
    raise thrown_in(t, exception.func, said, lane, site)  # type: ignore[attr-defined]


def divide(t: Lanes, operator: Callable[..., Any], a: Any, b: Any, site: Site) -> Any:
    """A division in a kernel made for debugging, where b must not be 0."""
    zero = np.broadcast_to(b == 0, t.chunk.lanes) & t.mask.bits
    if zero.any():
        raise thrown_in(t, ZeroDivisionError, "division by zero", int(np.argmax(zero)), site)
    return operator(a, b)


def thrown_in(t: Lanes, kind: type[Exception], said: str, lane: int, site: Site) -> KernelError:
    """An exception that a thread raises, worded as Numba words it on the host."""
    place = t.chunk.place(site, lane)
    where = f"In function '{site.kernel}', file {site.file}, line {site.line}: "
    text = f"{where}tid={list(place.thread or ())} ctaid={list(place.block or ())}{said and ': ' + said}"
    return thrown(kind, text, place, says_where=True)
