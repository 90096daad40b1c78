"""Loops and calls of a rehearsal: every path is taken, each as often as the types still change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.infer.meetings import Notes
from gpusim.numeric import truth
from gpusim.places import Site
from gpusim.simt.joins import Join
from gpusim.simt.lanes import Lanes
from gpusim.simt.semantics.control import For, Frame, Loop, Values, While
from gpusim.simt.semantics.iteration import unrolled

Running = Callable[[], Notes]
"""Gives the notes of the function that runs."""

ROUNDS = 8
"""Types only get wider, in fewer steps than this; a loop that still changes them has no type in Numba either."""


class RehearsedFrame(Frame):
    """One call: its result has the type of all its `return`s."""

    def __init__(self, t: Lanes, notes: Running, join: Join) -> None:
        super().__init__(t, join)
        self.notes = notes
        self.results: list[Any] = []

    def leave(self, value: Any = None) -> None:
        self.results.append(value)
        self.t.mask = None  # type: ignore[assignment]

    def end(self) -> Any:
        self.t.depth -= 1
        self.t.mask = self.mask
        return self._meet() if self.results else None

    def known(self) -> Any:
        """What the call has returned so far, for a function that calls itself."""
        if not self.results:
            raise KernelError("a device function calls itself before one of its paths returns a value")
        return self._meet()

    def _meet(self) -> Any:
        return self.notes().meet(self.join, *((result,) for result in self.results))[0]


class _Rounds(Loop):
    """A loop: its body again and again, until the variables that it hands on keep their types."""

    def prepare(self, notes: Running, endless: bool, most: int | None) -> None:
        """`most`: how many items a loop has that Numba unrolls."""
        self.notes = notes
        self.rounds = 0
        self.most = most
        self.changed = True
        self.endless = endless
        self.ends: list[Values] = []
        self.skips: list[Values] = []

    def begin(self, join: Join, values: Values) -> Values:
        self.again = join
        return self.notes().meet(join, values)

    def proceed(self, condition: Any, values: Values) -> bool:
        if not self.endless:
            truth(condition)
            self.ends.append(values)
            self.exited = self.outer
        going_on = self.changed and self.rounds < ROUNDS if self.most is None else self.rounds < self.most
        self.changed = False
        self.rounds += 1
        return going_on

    def next(self, values: Values) -> Values:
        paths = [*self.skips, *([values] if self.t.mask is not None else [])]
        self.skips = []
        if not paths:
            return values
        self.t.mask = self.outer
        if self.again is None:
            return values
        before = self.notes().types.get(self.again)
        met = self.notes().meet(self.again, *paths)
        self.changed = before != self.notes().types[self.again]
        return met

    def leave(self, values: Values) -> None:
        self.ends.append(values)
        self.broken = self.outer
        self.t.mask = None  # type: ignore[assignment]

    def skip(self, values: Values) -> None:
        self.skips.append(values)
        self.t.mask = None  # type: ignore[assignment]

    def otherwise(self, values: Values) -> Values:
        self.t.mask = self.exited  # type: ignore[assignment]
        return values

    def after_otherwise(self, values: Values) -> None:
        self.ends.append(values)
        self.exited = self.t.mask

    def close(self, join: Join, values: Values) -> Values:
        reached = self.exited is not None or self.broken is not None
        self.t.mask = self.outer if reached else None  # type: ignore[assignment]
        return self.notes().meet(join, *self.ends) if self.ends else values


class RehearsedWhile(_Rounds, While):
    def __init__(self, t: Lanes, notes: Running, site: Site, endless: bool) -> None:
        super().__init__(t, site)
        self.prepare(notes, endless, None)

    def test(self, condition: Any, values: Values) -> bool:
        return self.proceed(condition, values)


class RehearsedFor(_Rounds, For):
    def __init__(self, t: Lanes, notes: Running, items: Any, site: Site) -> None:
        Loop.__init__(self, t, site)
        self.iterable = items
        self.prepare(notes, False, unrolled(items))

    def test(self, values: Values) -> bool:
        if not self.proceed(np.bool_(True), values):
            return False
        self.value = self.iterable.item(self.t, self.rounds - 1, self.site)
        return True
