"""A launch: one kernel, one configuration, its arguments and observers, run chunk by chunk."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Any

import numpy as np

from gpusim.errors import GpusimError, KernelError
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Array
from gpusim.memory.view import View
from gpusim.places import Site
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Types
from gpusim.simt.program import Program, Programs

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
        step_limit: int,
        types: Types,
    ) -> None:
        self.program = program
        self.programs = programs
        self.kernel = program.kernel
        super().__init__(configuration.grid, configuration.block, dict(enumerate(arguments.arrays)))
        self.dynamic_shared = configuration.dynamic_shared
        self.arguments = arguments
        self.observers = observers
        self.step_limit = step_limit
        self.types = types
        self.depth_limit = DEPTH_LIMIT
        self._names = {array.name for array in arguments.arrays}
        self.constants: dict[int, View] = {}
        self.wrapped: set[Site] = set()
        self.seconds = 0.0
        self.one_by_one = False  # do threads run by themselves?
        self.version = 0  # counts changes of memory
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
            observer.begin(self)
        with self.explaining():
            scheduler(self)
        self.arguments.finish()
        self.seconds = time.perf_counter() - started
        for observer in self.observers:
            observer.end(self)

    @contextmanager
    def explaining(self) -> Iterator[None]:
        """Execute (a part of) the kernel; whatever goes wrong is a `KernelError` with a sentence about its source."""
        try:
            with np.errstate(all="ignore"):
                yield
        except GpusimError as error:
            self._locate(error)
            raise
        except RecursionError:
            raise KernelError(f"kernel '{self.kernel.name}': device functions call each other without end") from None
        except (AttributeError, TypeError, ValueError, IndexError, NameError, OverflowError) as error:
            raise KernelError(self._explain(error)) from error

    def _locate(self, error: GpusimError) -> None:
        """Put the line of the kernel in front of a message that does not name one."""
        text = str(error)
        file, line = self._line_of(error.__traceback__)
        if line and not text.startswith(file) and not text.startswith(f"{self.kernel.file}:"):
            error.args = (f"{file}:{line}: {text}",)

    def _line_of(self, trace: TracebackType | None) -> tuple[str, int]:
        """The innermost line of a kernel or device function in a traceback."""
        files = {self.kernel.file, *(kernel.file for kernel in self.programs.device_kernels)}
        place = self.kernel.file, 0
        for frame, line in traceback.walk_tb(trace):
            if frame.f_code.co_filename in files and "__t" in frame.f_code.co_varnames[:1] + frame.f_code.co_freevars:
                place = frame.f_code.co_filename, line
        return place

    def _explain(self, error: Exception) -> str:
        """An exception of NumPy or Python about a kernel's values, as a sentence about the kernel."""
        file, line = self._line_of(error.__traceback__)
        text = str(error)
        if "'Undefined' object" in text:
            text = "a variable is read before it has a value"
        elif "'View'" in text:
            text = "an array is used where a number is needed (index it first)"
        elif "'str' object" in text:
            text = "a string is used where a number is needed"
        elif "'NoneType' object" in text:
            text = "None is used where a number is needed"
        return f"{file}:{line or self.kernel.first_line}: in kernel '{self.kernel.name}': {text}"
