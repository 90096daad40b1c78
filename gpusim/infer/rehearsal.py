"""The rehearsal of a kernel: one imaginary thread goes through all its paths, to learn the types of variables.

It executes the lowered program, as every scheduler does, but both sides of each `if`, and each loop until the types
of its variables stand still; loads give ones, stores change nothing, nobody observes. That is type inference by
abstract interpretation (Cousot & Cousot, POPL 1977) with the program's own operators, whose result types are Numba's.
It is done once for each combination of argument types and takes about as long as a run of the kernel with one thread.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.findings.finding import Finding
from gpusim.infer.all_paths import AllPaths
from gpusim.lower import Program, ProgramCache
from gpusim.machine.chunk import Chunk, Geometry
from gpusim.machine.configuration import Configuration
from gpusim.memory.buffer import Buffer
from gpusim.memory.view import View
from gpusim.simt.arguments import Arguments
from gpusim.simt.joins import Types
from gpusim.simt.lanes import Lanes
from gpusim.simt.launch import Launch
from gpusim.simt.policies.lockstep import Lockstep

WORK_LIMIT = 30_000
"""Rounds of loops and calls of functions. Each path is taken a few times, but functions that call each other twice are
called once for each way to them."""


def rehearse(
    program: Program, programs: ProgramCache, arguments: Arguments, dynamic_shared: int
) -> tuple[Types, list[KernelError]]:
    """Learn the types of a kernel's variables for these arguments, which stay as they are.

    With the types come doubts: errors for what the simulator can do and Numba perhaps cannot, some of them about the
    kernel as a whole, without a place.
    Raises `KernelError` for what the kernel cannot do with values of these types on some path, be it one that no
    thread of the launch would take.
    """
    doubles = _Doubles(arguments)
    alone = Configuration((1, 1, 1), (1, 1, 1), dynamic_shared)
    launch = Launch(program, programs, alone, doubles, [], _unheard, 1, Types(), WORK_LIMIT)
    paths = AllPaths()
    thread = Lanes(launch, Chunk(Geometry(launch.block, 1), launch.grid, 0), paths, Lockstep())
    with launch.explaining():
        result = program.run(thread, *doubles.values)
    if result is not None:
        what = f"kernel '{program.kernel.name}' returns a value; a kernel writes its results into arrays"
        paths.doubts.append(KernelError(what))
    if launch.allocations:
        what = f"kernel '{program.kernel.name}' allocates arrays, which Numba refuses unless NUMBA_CUDA_ENABLE_NRT=1"
        paths.doubts.append(KernelError(f"{what}; use cuda.local.array"))
    return replace(paths.learned(), static_shared=launch.static_shared), paths.doubts


def _unheard(finding: Finding) -> None:
    """Nobody watches a rehearsal."""


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
