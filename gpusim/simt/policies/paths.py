"""The paths of a launch: each lane takes its own."""

from __future__ import annotations

import sys
from functools import partial
from types import FrameType
from typing import Any

from gpusim.places import Site
from gpusim.simt.joins import Join, coerced
from gpusim.simt.lanes import Lanes
from gpusim.simt.policies.policy import Thunk, Values
from gpusim.simt.semantics import expressions, items, statements
from gpusim.simt.semantics.control import Branch, For, Frame, While
from gpusim.simt.semantics.iteration import iterable
from gpusim.simt.values import merge


class OwnPaths:
    """Lanes split where they disagree, and meet again where their paths do. See `policy.Paths`."""

    load = staticmethod(items.load)
    store = staticmethod(items.store)
    choose = staticmethod(expressions.choose)
    check = staticmethod(statements.check)
    raised = staticmethod(statements.raised)
    divide = staticmethod(statements.divide)

    def branch(self, t: Lanes, condition: Any, site: Site, decided: bool = False) -> Branch:
        return Branch(t, condition, site)

    def join(self, t: Lanes, branch: Branch, join: Join, then: Values, other: Values) -> Values:
        if branch.then is None:
            values = other
        elif branch.other is None:
            values = then
        else:
            values = tuple(map(partial(merge, branch.then.bits), then, other))
        return coerced(values, t.types.get(join)) if t.types else values

    def repeat(self, t: Lanes, site: Site, endless: bool) -> While:
        return While(t, site)

    def each(self, t: Lanes, items: Any, site: Site) -> For:
        return For(t, iterable(items), site)

    def call(self, t: Lanes, join: Join) -> Frame:
        return Frame(t, join)

    def run(self, t: Lanes, function: Any, arguments: Values, keywords: dict[str, Any]) -> Any:
        outer = t.types
        t.types = t.launch.types.table(function, arguments)
        result = function.program(arguments).run(t, *arguments, **keywords)
        t.types = outer
        return result

    def both(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        return expressions.short_circuit(t, a, b, True, join)

    def either(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        return expressions.short_circuit(t, a, b, False, join)

    def doubt(self, site: Site, what: str) -> None:
        """Numba has been asked before the launch (gpusim.infer)."""

    def write(self, text: str) -> None:
        sys.stdout.write(text)

    def debug(self, t: Lanes, site: Site, frame: FrameType) -> None:
        """A hook other than Python's own is called as it is."""
        if sys.breakpointhook is not sys.__breakpointhook__:
            sys.breakpointhook()
        else:
            t.schedule.open_debugger(site, frame)
