"""What differs between the ways to run a kernel, as two interfaces.

| | paths | schedule |
| --- | --- | --- |
| lockstep | `OwnPaths` | `Lockstep`: all lanes are at the same statement |
| threads, one by one | `OwnPaths` | `OneByOne`: a thread waits for others |
| rehearsal, to learn types | `gpusim.infer.all_paths.AllPaths`: both sides of each `if` | `Lockstep` |
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING, Any, Protocol

from gpusim.places import Site
from gpusim.simt.joins import Join

if TYPE_CHECKING:
    from gpusim.simt.lanes import Lanes

Values = tuple[Any, ...]
Thunk = Callable[[], Any]
Control = Any
"""A branch, loop or call: what `gpusim.simt.semantics.control`, which works on `Lanes`, makes of it."""


class Paths(Protocol):
    """Which ways through the kernel lanes take, and what they find there. Lowered kernels call these methods."""

    def branch(self, t: Lanes, condition: Any, site: Site, decided: bool = False) -> Control:
        """`if condition`; Numba compiles only one side of a `decided` one."""
        ...

    def join(self, t: Lanes, branch: Control, join: Join, then: Values, other: Values) -> Values:
        """The variables after an `if`: of lanes on its one side and on its other side."""
        ...

    def repeat(self, t: Lanes, site: Site, endless: bool) -> Control:
        """`while ...`; one that is `endless` can only be left by `break` or `return`."""
        ...

    def each(self, t: Lanes, items: Any, site: Site) -> Control:
        """`for ... in items`"""
        ...

    def call(self, t: Lanes, join: Join) -> Control:
        """The kernel, or a function that it calls, begins."""
        ...

    def run(self, t: Lanes, function: Any, arguments: Values, keywords: dict[str, Any]) -> Any:
        """Execute the program of a device function."""
        ...

    def both(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        """`a and b()`: b is evaluated by the lanes in which a holds; without `join`, Numba knows `a`."""
        ...

    def either(self, t: Lanes, a: Any, b: Thunk, join: Join | None) -> Any:
        """`a or b()`: b is evaluated by the lanes in which a does not hold; without `join`, Numba knows `a`."""
        ...

    def choose(self, t: Lanes, condition: Any, yes: Thunk, no: Thunk, join: Join | None) -> Any:
        """`yes() if condition else no()`; without `join`, Numba knows the condition."""
        ...

    def load(self, t: Lanes, value: Any, index: Any, site: Site) -> Any:
        """`value[index]`"""
        ...

    def store(self, t: Lanes, value: Any, index: Any, new: Any, site: Site) -> None:
        """`value[index] = new`"""
        ...

    def check(self, t: Lanes, condition: Any, message: Any, site: Site) -> None:
        """`assert condition, message`"""
        ...

    def raised(self, t: Lanes, exception: Thunk, site: Site) -> None:
        """`raise exception()`"""
        ...

    def divide(self, t: Lanes, operator: Callable[..., Any], a: Any, b: Any, site: Site) -> Any:
        """`a / b`, `a // b` or `a % b` in a kernel made for debugging, where b must not be 0."""
        ...

    def doubt(self, site: Site, what: str) -> None:
        """Something that Numba may refuse to compile."""
        ...

    def write(self, text: str) -> None:
        """What a kernel prints."""
        ...

    def debug(self, t: Lanes, site: Site, frame: FrameType) -> None:
        """`breakpoint()`"""
        ...


class Schedule(Protocol):
    """Who waits for whom."""

    def pause(self, loop: Control) -> None:
        """A loop goes round: other threads may run now."""
        ...

    def stuck(self, loop: Control) -> None:
        """Nothing changes in a loop; raises `NoProgress` if nobody else can change it."""
        ...

    def enter_loop(self, loop: Control) -> None:
        """A loop starts."""
        ...

    def leave_loop(self, loop: Control) -> None:
        """The loop that started last is over."""
        ...

    def invoke(self, t: Lanes, function: Callable[..., Any], site: Site, *arguments: Any, **keywords: Any) -> Any:
        """`function(*arguments)`, a device function."""
        ...

    def collective(self, t: Lanes, scope: str, operation: Callable[..., Any], site: Site, *arguments: Any) -> Any:
        """An operation of all threads of a "block", a "warp" or the "grid" together."""
        ...

    def sees_grid(self, t: Lanes) -> bool:
        """Can these lanes wait for all threads of the grid?"""
        ...

    def own(self, vector: Any) -> Any:
        """What these lanes see of a vector with one element for each lane of the chunk."""
        ...

    def open_debugger(self, site: Site, frame: FrameType) -> None:
        """Python's debugger at the kernel's frame; raises `KernelError` where all threads are at it together."""
        ...
