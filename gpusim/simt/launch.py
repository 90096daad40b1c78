"""A launch: one kernel, one configuration, its arguments and observers, run chunk by chunk."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from gpusim.errors import Endless, Interrupted, KernelError, Unexplained
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.findings.finding import Finding
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Array
from gpusim.memory.view import View
from gpusim.places import Site, spot
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Types
from gpusim.simt.program import Program, Programs
from gpusim.simt.values import Undefined

DEPTH_LIMIT = 200


class Launch(Launched):
    """What the chunks of a launch share."""

    def __init__(
        self,
        program: Program,
        programs: Programs,
        configuration: Configuration,
        arguments: Arguments,
        observers: Sequence[Observer],
        report: Callable[[Finding], object],
        step_limit: int,
        types: Types,
        work_limit: int | None = None,
    ) -> None:
        self.program = program
        self.programs = programs
        self.kernel = program.kernel
        super().__init__(configuration.grid, configuration.block, dict(enumerate(arguments.arrays)))
        self.dynamic_shared = configuration.dynamic_shared
        self.arguments = arguments
        self.observers = observers
        self.report = report
        self.step_limit = step_limit
        self.work_limit = work_limit
        self.work = 0  # rounds of loops and calls of functions so far
        self.types = types
        self.depth_limit = DEPTH_LIMIT
        self._names = {array.name for array in arguments.arrays}
        self.constants: dict[int, View] = {}
        self.wrapped: set[Site] = set()
        self.seconds = 0.0
        self.one_by_one = False  # do threads run by themselves?
        self.version = 0  # counts changes of memory
        self.blocks_done = 0
        self.allocations = 0  # arrays that threads made for themselves
        self._static_shared: dict[Site, int] = {}
        self._watching: dict[str, list[Observer]] = {}

    def watching(self, method: str) -> list[Observer]:
        """The observers that implement a method; the others need not be called."""
        known = self._watching.get(method)
        if known is None:
            known = [o for o in self.observers if getattr(type(o), method) is not getattr(Observer, method)]
            self._watching[method] = known
        return known

    def array(self, key: Any, array: Array) -> Array:
        """The one `Array` of a shared, local or constant array, whichever chunk asks first.

        A second array of a name (in a device function, say) gets a number behind it.
        """
        known = self.arrays.get(key)
        if known is None:
            name, copy = array.name, 2
            while name in self._names:
                name, copy = f"{array.name}#{copy}", copy + 1
            self._names.add(name)
            known = self.arrays[key] = replace(array, name=name)
        return known

    def spend(self, amount: int) -> None:
        """Count rounds of loops, or calls of functions; raises `Endless` when there have been too many."""
        self.work += amount
        if self.work_limit is not None and self.work > self.work_limit:
            raise Endless(
                f"the launch is given up after {self.work_limit:,} rounds of loops and calls of functions, of all "
                "threads together: this goes on for ever, or far longer than it needs to"
            )

    def reserve_shared(self, site: Site, size: int) -> int:
        """Note a static shared array; returns the bytes that the block has taken so far."""
        self._static_shared[site] = size
        return self.static_shared

    @property
    def static_shared(self) -> int:
        """Bytes of shared memory that the arrays of each block take, dynamic shared memory aside."""
        return sum(self._static_shared.values())

    def run(self, scheduler: Callable[[Launch], None]) -> None:
        """Execute all blocks. Raises `KernelError` or `MemoryFault`."""
        started = time.perf_counter()
        for observer in self.observers:
            observer.report = self.report
            observer.begin(self)
        try:
            with self.explaining():
                scheduler(self)
            self.arguments.finish()
            self.complete = True
        finally:
            self.seconds = time.perf_counter() - started
            for observer in self.observers:
                observer.end(self)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Execute (a part of) the kernel; whatever goes wrong is a `KernelError` with a sentence about its source."""
        try:
            with np.errstate(all="ignore"):
                yield
        except KernelError as error:
            if error.place is None and (site := self._site_of(error)) is not None:
                error.locate(site)
            raise
        except KeyboardInterrupt as stop:
            raise Interrupted(self._how_far(stop)) from None
        except RecursionError:
            raise KernelError(f"kernel '{self.kernel.name}': device functions call each other without end") from None
        except (AttributeError, TypeError, ValueError, IndexError, NameError, OverflowError) as error:
            explained = _explained(error)
            kind = Unexplained if explained is None else KernelError
            said = f"in kernel '{self.kernel.name}': {explained or error}"
            raise kind(said, self._site_of(error) or self.kernel.site) from error

    def _how_far(self, stop: KeyboardInterrupt) -> str:
        """What was running when somebody stopped it."""
        site = self._site_of(stop) or self.kernel.site
        grid = f"{self.blocks_done:,} of {self.blocks:,} block{'s' * (self.blocks != 1)} done"
        return f"interrupted in kernel '{self.kernel.name}' at {spot(site.file, site.line)}, with {grid}"

    def _site_of(self, error: BaseException) -> Site | None:
        """The innermost line of a kernel or device function in an exception's traceback."""
        kernels = {kernel.file: kernel for kernel in (*self.programs.device_kernels, self.kernel)}
        site = None
        for frame, line in traceback.walk_tb(error.__traceback__):
            code = frame.f_code
            if code.co_filename in kernels and "__t" in code.co_varnames[:1] + code.co_freevars:
                site = Site(kernels[code.co_filename].name, code.co_filename, line, "")
        return site


def _explained(error: Exception) -> str | None:
    """An exception of NumPy or Python about a kernel's values, in words about the kernel, where there are some."""
    culprit = error.obj if isinstance(error, AttributeError) else None
    if isinstance(culprit, Undefined):
        return "a variable is read before it has a value"
    if isinstance(culprit, View):
        return "an array is used where a number is needed (index it first)"
    if isinstance(culprit, str):
        return "a string is used where a number is needed"
    if isinstance(error, AttributeError) and culprit is None:
        return "None is used where a number is needed"
    return None
