"""The paths of a rehearsal: all of them."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.infer.loops import RehearsedFor, RehearsedFrame, RehearsedWhile
from gpusim.infer.meetings import Notes
from gpusim.memory.view import View
from gpusim.numeric import cast, truth
from gpusim.places import Site
from gpusim.simt.joins import Join, Type, Types, type_of
from gpusim.simt.lanes import Lanes
from gpusim.simt.policies.policy import Thunk
from gpusim.simt.semantics import expressions, items
from gpusim.simt.semantics.control import Branch, For, Frame, Values, While
from gpusim.simt.semantics.indexing import part
from gpusim.simt.semantics.iteration import iterable
from gpusim.simt.semantics.memory import plain_index
from gpusim.simt.values import is_number


class AllPaths:
    """Both sides of each `if`, and each loop until the types of its variables stand still. See `policy.Paths`.

    Loads give ones, which one can divide by, and stores change nothing.
    """

    def __init__(self) -> None:
        self.notes = self._main = Notes()
        self._functions: dict[Any, dict[tuple[Type, ...], Notes]] = {}
        self._calls: list[tuple[Any, RehearsedFrame | None]] = []
        self.doubts: list[KernelError] = []

    def notes_of(self) -> Notes:
        """The notes of the function that runs."""
        return self.notes

    def learned(self) -> Types:
        """What this rehearsal has found."""
        functions = {
            function: {types: table for types, notes in seen.items() if (table := notes.table())}
            for function, seen in self._functions.items()
        }
        everywhere = [self._main, *(notes for seen in self._functions.values() for notes in seen.values())]
        return Types(
            self._main.table(),
            {function: tables for function, tables in functions.items() if tables},
            any(notes.diverges for notes in everywhere),
        )

    # Control flow: all paths

    def branch(self, t: Lanes, condition: Any, site: Site, decided: bool = False) -> Branch:
        branch = Branch(t, condition, site)
        if not decided:
            branch.then = branch.other = branch.outer
        return branch

    def join(self, t: Lanes, branch: Branch, join: Join, then: Values, other: Values) -> Values:
        if branch.then is None or branch.other is None:
            return then if branch.other is None else other
        return self.notes.meet(join, then, other)

    def repeat(self, t: Lanes, site: Site, endless: bool) -> While:
        return RehearsedWhile(t, self.notes_of, site, endless)

    def each(self, t: Lanes, over: Any, site: Site) -> For:
        if isinstance(over, tuple) and len(set(map(type_of, over))) > 1:
            self.doubt(site, "loops over a tuple whose items have several types; give literal_unroll(...) to the loop")
        return RehearsedFor(t, self.notes_of, iterable(over), site)

    def both(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        return self._short_circuit(t, a, b, True, join)

    def either(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        return self._short_circuit(t, a, b, False, join)

    def _short_circuit(self, t: Lanes, a: Any, b: Thunk, needs_b: bool, join: Join | None) -> Any:
        truth(a)
        if join is None:
            return expressions.short_circuit(t, a, b, needs_b, join)
        return self.notes.meet(join, (a,), (b(),))[0]

    def choose(self, t: Lanes, condition: Any, yes: Thunk, no: Thunk, join: Join | None) -> Any:
        if join is None:
            return expressions.choose(t, condition, yes, no, join)
        truth(condition)
        return self.notes.meet(join, (yes(),), (no(),))[0]

    def doubt(self, site: Site, what: str) -> None:
        self.doubts.append(KernelError(f"`{site.text}` {what}", site))

    # Functions

    def call(self, t: Lanes, join: Join) -> Frame:
        frame = RehearsedFrame(t, self.notes_of, join)
        if self._calls and self._calls[-1][1] is None:
            self._calls[-1] = self._calls[-1][0], frame
        return frame

    def run(self, t: Lanes, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        types = tuple(map(type_of, arguments))
        for running, frame in self._calls:
            if running == (function, types) and frame is not None:  # recursion: what the call has returned so far
                return frame.known()
        outer = self.notes
        self.notes = self._functions.setdefault(function, {}).setdefault(types, Notes())
        self._calls.append(((function, types), None))
        result = function.learn(types).run(t, *arguments, **keywords)
        self._calls.pop()
        self.notes = outer
        return result

    # Memory: ones, without looking at indices

    def load(self, t: Lanes, value: Any, index: Any, site: Site) -> Any:
        if isinstance(value, View) and _is_element(value, index):
            return value.dtype.type(1)
        if isinstance(value, tuple) and value and is_number(index):
            return value[min(max(int(np.max(index)), -len(value)), len(value) - 1)]
        return items.load(t, value, index, site)

    def store(self, t: Lanes, value: Any, index: Any, new: Any, site: Site) -> None:
        if not isinstance(value, View) or isinstance(index, str):
            items.store(t, value, index, new, site)
        elif _is_element(value, index) and is_number(new):
            cast(new, value.dtype)
        else:
            parts = index if isinstance(index, tuple) else (index,)
            if not part(t, value, plain_index(t, parts, site), site)[1]:
                items.store(t, value, index, new, site)
            elif any(isinstance(item, slice) and item != slice(None) for item in parts):
                self.notes.diverges = True

    # What only threads that exist do

    def check(self, t: Lanes, condition: Any, message: Any, site: Site) -> None:
        truth(condition)

    def raised(self, t: Lanes, exception: Callable[[], Exception], site: Site) -> None:
        t.mask = None  # type: ignore[assignment]

    def divide(self, t: Lanes, operator: Callable[..., Any], a: Any, b: Any, site: Site) -> Any:
        return operator(a, b)

    def write(self, text: str) -> None:
        """Nothing is printed."""

    def debug(self, t: Lanes, site: Site, frame: FrameType) -> None:
        """Nobody looks."""


def _is_element(view: View, index: Any) -> bool:
    """Does an index name one number of an array?"""
    parts = index if isinstance(index, tuple) else (index,)
    return (
        len(parts) == view.ndim
        and view.dtype.kind in "biufc"
        and all(is_number(part) and part.dtype.kind in "iu" for part in parts)
    )
