"""Control flow of lanes: branches, loops and function calls, as changes of the active mask.

Warps reconverge at the end of the `if` or loop that split them. The lowered kernel calls these
objects around its statements; they keep `t.mask` (the active lanes) right.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from gpusim.errors import Endless, KernelError
from gpusim.machine.masks import Mask, union
from gpusim.numeric import truth
from gpusim.places import Site
from gpusim.simt.joins import Join, coerced
from gpusim.simt.values import UNDEFINED, is_number, kind_of, merge

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes
    from gpusim.simt.semantics.iteration import Iterable


_CHECK_PROGRESS = 64
"""Iterations of a `while` between two looks at whether anything changes."""


class Branch:
    """One execution of an `if`: lanes that take it, lanes that do not, lanes that came."""

    __slots__ = ("other", "outer", "site", "then")

    def __init__(self, t: Lanes, condition: Any, site: Site) -> None:
        mask: Mask = t.mask
        self.site = site
        self.outer = mask
        self.then, self.other, diverged = _split(mask, condition, site)
        for observer in t.on_branch:
            observer.branch(site, mask, self.then, diverged, False)


Values = tuple[Any, ...]


class Loop:
    """One execution of a loop: lanes leave it when the test fails, by `break` and by `return`.

    With the lanes that leave, or skip the rest of an iteration, go the values of their variables.
    """

    __slots__ = ("again", "broken", "continued", "exited", "kept", "outer", "site", "t", "tests")

    def __init__(self, t: Lanes, site: Site) -> None:
        self.t = t
        self.site = site
        self.outer: Mask = t.mask
        self.exited: Mask | None = None
        self.broken: Mask | None = None
        self.continued: Mask | None = None
        self.again: Join | None = None
        self.kept: dict[str, Values] = {}
        self.tests = 0
        t.schedule.enter_loop(self)

    def begin(self, join: Join, values: Values) -> Values:
        """The variables that iterations hand on, as the first one gets them."""
        self.again = join
        return coerced(values, self.t.types.get(join))

    def proceed(self, condition: Any, values: Values) -> bool:
        """Count one test; keep the lanes that pass it. True when there are any."""
        t = self.t
        self.tests += 1
        t.launch.spend(1)
        t.schedule.pause(self)
        mask = t.mask
        then, other, diverged = _split(mask, condition, self.site)
        for observer in t.on_branch:
            observer.branch(self.site, mask, then, diverged, True)
        if other is not None:
            self._keep("exited", other, values)
            self.exited = union(self.exited, other)
        if then is None:
            return False
        t.mask = then
        return True

    def _keep(self, why: str, lanes: Mask, values: Values) -> None:
        """Put the variables of `lanes` aside until those meet others again."""
        before = self.kept.get(why)
        self.kept[why] = values if before is None else tuple(map(partial(merge, lanes.bits), values, before))

    def leave(self, values: Values) -> None:
        """`break`"""
        self._keep("broken", self.t.mask, values)
        self.broken = union(self.broken, self.t.mask)
        self.t.mask = None  # type: ignore[assignment]

    def skip(self, values: Values) -> None:
        """`continue`"""
        self._keep("continued", self.t.mask, values)
        self.continued = union(self.continued, self.t.mask)
        self.t.mask = None  # type: ignore[assignment]

    def next(self, values: Values) -> Values:
        """The end of the body: lanes that skipped the rest join again."""
        t = self.t
        if self.continued is not None:
            kept = self.kept.pop("continued")
            values = kept if t.mask is None else tuple(map(partial(merge, t.mask.bits), values, kept))
            t.mask = union(t.mask, self.continued)  # type: ignore[assignment]
            self.continued = None
        return values if self.again is None else coerced(values, t.types.get(self.again))

    def otherwise(self, values: Values) -> Values:
        """Enter the loop's `else`: lanes whose test failed, in whichever iteration, all together."""
        self.t.schedule.leave_loop(self)
        self.t.schedule.enter_loop(self)
        self.t.mask = self.exited  # type: ignore[assignment]
        return self.kept.get("exited", values)

    def after_otherwise(self, values: Values) -> None:
        self.kept["exited"] = values
        self.exited = self.t.mask

    def close(self, join: Join, values: Values) -> Values:
        """Go on after the loop with all lanes that did not return in it."""
        t = self.t
        t.schedule.leave_loop(self)
        if self.broken is None:
            values = self.kept.get("exited", values)
        elif self.exited is None:
            values = self.kept["broken"]
        else:
            values = tuple(map(partial(merge, self.broken.bits), self.kept["broken"], self.kept["exited"]))
        left = union(self.exited, self.broken)
        t.mask = self.outer if left is not None and left.lanes == self.outer.lanes else left  # type: ignore[assignment]
        return coerced(values, t.types.get(join))


class While(Loop):
    """A `while`, which may be endless.

    Every so often it compares memory, mask and variables with what they were: if nothing has changed,
    nothing ever will, because the same statements would do the same again.
    """

    __slots__ = ("_before",)

    def __init__(self, t: Lanes, site: Site) -> None:
        super().__init__(t, site)
        self._before: tuple[int, Mask, dict[str, Any]] | None = None

    def test(self, condition: Any, values: Values) -> bool:
        if self.tests % _CHECK_PROGRESS == _CHECK_PROGRESS - 1:
            self._check_progress(sys._getframe(1).f_locals)
        if self.tests >= self.t.launch.step_limit:
            raise self._endless()
        return self.proceed(condition, values)

    def _check_progress(self, variables: dict[str, Any]) -> None:
        t = self.t
        now = (t.launch.version, t.mask, {k: v for k, v in variables.items() if not k.startswith("__")})
        if self._before is not None and _same_state(self._before, now):
            t.schedule.stuck(self)
        self._before = now

    def no_progress(self, kind: type[KernelError]) -> KernelError:
        """The error, of this kind, for a loop in which nothing changes any more."""
        t, site = self.t, self.site
        place = t.chunk.place(site, t.mask.first())
        return kind(
            f"`{site.text}` never ends in thread {place.thread} of block {place.block}: nothing changes from one "
            "iteration to the next, and no other thread can run that would change it",
            place,
        )

    def _endless(self) -> Endless:
        t, site = self.t, self.site
        place = t.chunk.place(site, t.mask.first())
        return Endless(
            f"`{site.text}` is still running in thread {place.thread} of block {place.block} after "
            f"{t.launch.step_limit:,} iterations; it looks endless (raise the limit with "
            "simulate(kernel, step_limit=...) if it is not, or try scheduler='threads' if it waits for other threads)",
            place,
        )


def _same_state(a: tuple[int, Mask, dict[str, Any]], b: tuple[int, Mask, dict[str, Any]]) -> bool:
    if a[0] != b[0] or a[1] is not b[1] or a[2].keys() != b[2].keys():
        return False
    return all(_same_value(value, b[2][name], a[1].bits) for name, value in a[2].items())


def _same_value(a: Any, b: Any, bits: np.ndarray) -> bool:
    """Are two values the same in the active lanes?"""
    if a is b:
        return True
    if is_number(a) and is_number(b) and a.dtype == b.dtype and a.shape == b.shape:
        return a[bits].tobytes() == b[bits].tobytes() if isinstance(a, np.ndarray) else a.tobytes() == b.tobytes()
    return False


class For(Loop):
    """A `for`: iteration j is one step for all lanes that are still in it."""

    __slots__ = ("count", "iterable", "step", "value")

    def __init__(self, t: Lanes, iterable: Iterable, site: Site) -> None:
        super().__init__(t, site)
        self.iterable = iterable
        self.count = iterable.length()
        self.step = 0
        self.value: Any = UNDEFINED

    def test(self, values: Values) -> bool:
        step = self.step
        more: Any = self.count > step
        if not self.proceed(more if isinstance(more, np.ndarray) else np.bool_(more), values):
            return False
        self.value = self.iterable.item(self.t, step, self.site)
        self.step = step + 1
        return True


class Frame:
    """One call of a kernel or device function: `return` takes lanes out until the call ends."""

    __slots__ = ("join", "mask", "result", "t")

    def __init__(self, t: Lanes, join: Join) -> None:
        self.t = t
        self.join = join
        self.mask = t.mask
        self.result: Any = UNDEFINED
        t.launch.spend(1)
        t.depth += 1
        if t.depth > t.launch.depth_limit:
            raise KernelError(f"device functions call each other more than {t.launch.depth_limit} levels deep")

    def leave(self, value: Any = None) -> None:
        """`return value`"""
        t = self.t
        self.result = merge(t.mask.bits, value, self.result)
        if t.depth == 1:
            t.exited = union(t.exited, t.mask)
            t.exits.append((t.mask, sys._getframe(1).f_lineno))
        t.mask = None  # type: ignore[assignment]

    def end(self) -> Any:
        """The call is over; the caller's lanes go on with the value that each returned."""
        t = self.t
        t.depth -= 1
        t.mask = self.mask
        return None if self.result is UNDEFINED else coerced((self.result,), t.types.get(self.join))[0]


def _split(mask: Mask, condition: Any, site: Site) -> tuple[Mask | None, Mask | None, int]:
    if not is_number(condition):
        if condition is UNDEFINED:
            raise KernelError(f"`{site.text}` reads a variable that has no value yet", site)
        if isinstance(condition, (bool, int, tuple, str)) or condition is None:
            condition = np.bool_(bool(condition))
        else:
            raise KernelError(f"`{site.text}` cannot be decided by {kind_of(condition)}", site)
    condition = truth(condition)
    if isinstance(condition, np.ndarray):
        return mask.split(condition)
    return (mask, None, 0) if condition else (None, mask, 0)


def rejoin(t: Lanes, branch: Branch) -> None:
    """The lanes of both sides go on after an `if`; `outer` itself when all of them are back."""
    both = union(branch.then, branch.other)
    t.mask = branch.outer if both is not None and both.lanes == branch.outer.lanes else both  # type: ignore[assignment]
