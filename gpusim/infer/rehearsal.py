"""The rehearsal of a kernel: one imaginary thread goes through all its paths, to learn the types of variables.

It executes the lowered program, as every scheduler does, but both sides of each `if`, and each loop until the types
of its variables stand still; loads give ones, stores change nothing, nobody observes. That is type inference by
abstract interpretation (Cousot & Cousot, POPL 1977) with the program's own operators, whose result types are Numba's.
It is done once for each combination of argument types and takes about as long as a run of the kernel with one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.infer.loops import RehearsedFor, RehearsedFrame, RehearsedWhile
from gpusim.infer.meetings import Notes
from gpusim.lower import Program, ProgramCache
from gpusim.machine.chunk import Chunk, Geometry
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Buffer
from gpusim.memory.view import View
from gpusim.numeric import cast, truth
from gpusim.places import Site
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Join, Type, Types, type_of
from gpusim.simt.lanes import Lanes
from gpusim.simt.launch import Launch
from gpusim.simt.semantics.control import Branch, For, Frame, Values, While
from gpusim.simt.semantics.indexing import part
from gpusim.simt.semantics.iteration import iterable
from gpusim.simt.semantics.memory import plain_index
from gpusim.simt.values import is_number


def rehearse(
    program: Program, programs: ProgramCache, arguments: Arguments, dynamic_shared: int
) -> tuple[Types, list[KernelError]]:
    """Learn the types of a kernel's variables for these arguments, which stay as they are.

    With the types come doubts: errors for what the simulator can do and Numba perhaps cannot.
    Raises `KernelError` for what the kernel cannot do with values of these types on some path, be it one that no
    thread of the launch would take.
    """
    doubles = _Doubles(arguments)
    alone = Configuration((1, 1, 1), (1, 1, 1), dynamic_shared)
    launch = Launch(program, programs, alone, doubles, [], step_limit=1, types=Types())
    thread = Rehearsal(launch)
    with launch.explaining():
        result = program.run(thread, *doubles.values)
    place = f"{program.kernel.file}:{program.kernel.first_line}"
    if result is not None:
        what = f"kernel '{program.kernel.name}' returns a value; a kernel writes its results into arrays"
        thread.doubts.append(KernelError(f"{place}: {what}"))
    if launch.allocations:
        what = f"kernel '{program.kernel.name}' allocates arrays, which Numba refuses unless NUMBA_CUDA_ENABLE_NRT=1"
        thread.doubts.append(KernelError(f"{place}: {what}; use cuda.local.array"))
    return thread.learned(), thread.doubts


class _Doubles(Arguments):
    """The arguments of a launch with copies in place of its memory: as large, and empty."""

    def __init__(self, arguments: Arguments) -> None:
        super().__init__()
        self._originals = arguments
        self._copies: dict[Buffer, Buffer] = {}
        self.values = [self._double(value) for value in arguments.values]

    def _double(self, value: Any) -> Any:
        if isinstance(value, tuple):
            parts = tuple(map(self._double, value))
            return type(value)(*parts) if hasattr(value, "_fields") else parts
        if not isinstance(value, View):
            return value
        original = value.buffer
        copy = self._copies.get(original)
        if copy is None:
            # Zeros take no memory until somebody touches them.
            storage = np.zeros(original.storage.shape, dtype=np.uint8)
            copy = Buffer(original.array, storage, original.instance_bytes, original.size, original.writable)
            self._copies[original] = copy
        return View(copy, value.dtype, value.shape, value.strides, value.offset, value.aligned)

    def capture(self, name: str, value: Any, kernel: Any) -> View:
        double: View = self._double(self._originals.capture(name, value, kernel))
        return double


class Rehearsal(Lanes):
    """The imaginary thread."""

    def __init__(self, launch: Launch) -> None:
        super().__init__(launch, Chunk(Geometry(launch.block, 1), launch.grid, 0))
        self.observers = self.on_branch = self.on_issue = self.on_barrier = []
        self.on_warp_barrier = self.on_fence = self.value_observers = []
        self.notes = self._main = Notes()
        self._functions: dict[Any, dict[tuple[Type, ...], Notes]] = {}
        self._calls: list[tuple[Any, RehearsedFrame | None]] = []
        self.doubts: list[KernelError] = []

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

    def branch(self, condition: Any, site: Site, decided: bool = False) -> Branch:
        branch = Branch(self, condition, site)
        if not decided:
            branch.then = branch.other = branch.outer
        return branch

    def join(self, branch: Branch, join: Join, then: Values, other: Values) -> Values:
        if branch.then is None or branch.other is None:
            return then if branch.other is None else other
        return self.notes.meet(join, then, other)

    def repeat(self, site: Site, endless: bool) -> While:
        return RehearsedWhile(self, site, endless)

    def each(self, items: Any, site: Site) -> For:
        if isinstance(items, tuple) and len(set(map(type_of, items))) > 1:
            self.doubt(site, "loops over a tuple whose items have several types; give literal_unroll(...) to the loop")
        return RehearsedFor(self, iterable(items), site)

    def _short_circuit(self, a: Any, b: Callable[[], Any], needs_b: bool, join: Join | None) -> Any:
        truth(a)
        if join is None:
            return super()._short_circuit(a, b, needs_b, join)
        return self.notes.meet(join, (a,), (b(),))[0]

    def choose(self, condition: Any, yes: Callable[[], Any], no: Callable[[], Any], join: Join | None) -> Any:
        if join is None:
            return super().choose(condition, yes, no, join)
        truth(condition)
        return self.notes.meet(join, (yes(),), (no(),))[0]

    def doubt(self, site: Site, what: str) -> None:
        self.doubts.append(KernelError(f"{site.file}:{site.line}: `{site.text}` {what}"))

    # Functions

    def call(self, join: Join) -> Frame:
        frame = RehearsedFrame(self, join)
        if self._calls and self._calls[-1][1] is None:
            self._calls[-1] = self._calls[-1][0], frame
        return frame

    def run(self, function: Any, arguments: tuple[Any, ...], keywords: dict[str, Any]) -> Any:
        types = tuple(map(type_of, arguments))
        for running, frame in self._calls:
            if running == (function, types) and frame is not None:  # recursion: what the call has returned so far
                return frame.known()
        outer = self.notes
        self.notes = self._functions.setdefault(function, {}).setdefault(types, Notes())
        self._calls.append(((function, types), None))
        result = function.program.run(self, *arguments, **keywords)
        self._calls.pop()
        self.notes = outer
        return result

    # Memory: ones, which one can divide by, without looking at indices

    def load(self, value: Any, index: Any, site: Site) -> Any:
        if isinstance(value, View) and _is_element(value, index):
            return value.dtype.type(1)
        if isinstance(value, tuple) and value and is_number(index):
            return value[min(max(int(np.max(index)), -len(value)), len(value) - 1)]
        return super().load(value, index, site)

    def store(self, value: Any, index: Any, new: Any, site: Site) -> None:
        if not isinstance(value, View) or isinstance(index, str):
            super().store(value, index, new, site)
        elif _is_element(value, index) and is_number(new):
            cast(new, value.dtype)
        else:
            parts = index if isinstance(index, tuple) else (index,)
            if not part(self, value, plain_index(self, parts, site), site)[1]:
                super().store(value, index, new, site)
            elif any(isinstance(item, slice) and item != slice(None) for item in parts):
                self.notes.diverges = True

    def wrapped(self, view: View, index: tuple[Any, ...], site: Site) -> None:
        pass

    def report_outside(self, finding: Any) -> None:
        pass

    def report_fault(self, kind: str, what: str, why: str, view: View, lane: int, count: int, site: Site) -> None:
        pass

    # What only threads that exist do

    def check(self, condition: Any, message: Any, site: Site) -> None:
        truth(condition)

    def raised(self, exception: Callable[[], Exception], site: Site) -> None:
        self.mask = None  # type: ignore[assignment]

    def divide(self, operator: Callable[..., Any], a: Any, b: Any, site: Site) -> Any:
        return operator(a, b)

    def write(self, text: str) -> None:
        pass

    def debug(self, site: Site, frame: FrameType) -> None:
        pass


def _is_element(view: View, index: Any) -> bool:
    """Does an index name one number of an array?"""
    parts = index if isinstance(index, tuple) else (index,)
    return (
        len(parts) == view.ndim
        and view.dtype.kind in "biufc"
        and all(is_number(part) and part.dtype.kind in "iub" for part in parts)
    )
