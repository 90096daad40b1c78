"""The lockstep scheduler: chunks of blocks, one after the other, all their threads at the same statement."""

from __future__ import annotations

from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np

from gpusim.errors import Endless, KernelError, NoProgress
from gpusim.machine.chunk import Chunk, Geometry
from gpusim.places import Site
from gpusim.simt.lanes import Lanes
from gpusim.simt.launch import Launch
from gpusim.simt.policies.paths import OwnPaths
from gpusim.simt.semantics.control import Loop, While

CHUNK_LANES = 1 << 16
"""Threads that run in lockstep: enough of them that Python costs little for each, few enough that most of the vectors
stay in a core's caches (see "Where the time goes" in benchmarks/README.md)."""

_MANY_LANES = 1 << 13
_LARGE_BLOCK = (1 << 25) - (1 << 16)  # glibc learns from blocks of up to 32 MB


class Lockstep:
    """Nobody waits: all lanes are at the same statement already. See `policy.Schedule`."""

    def pause(self, loop: Loop) -> None:
        """There are no others that could run."""

    def stuck(self, loop: While) -> None:
        t = loop.t
        ended = 0 if t.exited is None else t.exited.lanes
        everybody = t.chunk.blocks == t.launch.blocks and t.mask.lanes + ended == t.chunk.lanes
        raise loop.no_progress(Endless if everybody else NoProgress)  # is there somebody who could change anything?

    def enter_loop(self, loop: Loop) -> None:
        """The mask says who is in which loop."""

    def leave_loop(self, loop: Loop) -> None:
        """The mask says who is in which loop."""

    def invoke(self, t: Lanes, function: Callable[..., Any], site: Site, *arguments: Any, **keywords: Any) -> Any:
        return function(t, *arguments, **keywords)

    def collective(self, t: Lanes, scope: str, operation: Callable[..., Any], site: Site, *arguments: Any) -> Any:
        return operation(t, site, *arguments)

    def sees_grid(self, t: Lanes) -> bool:
        return t.chunk.blocks == t.launch.blocks

    def own(self, vector: Any) -> Any:
        return vector

    def open_debugger(self, site: Site, frame: FrameType) -> None:
        raise KernelError(
            f"all threads are at `{site.text}` together; "
            "to stop in each of them, run with simulate(kernel, scheduler='threads')",
            site,
        )


def run_lockstep(launch: Launch) -> None:
    """Execute a launch chunk by chunk. Raises `NoProgress` when lanes wait for others in vain."""
    per_chunk = max(1, CHUNK_LANES // launch.threads_per_block)
    if launch.programs.cooperative:  # blocks that wait for each other run together
        per_chunk = launch.blocks
    if launch.blocks * launch.threads_per_block >= _MANY_LANES:
        # Freeing a large block teaches glibc to keep freed vectors instead of returning their pages to the
        # system each time (mallopt(3), "dynamic mmap threshold"); nothing is written to it, so it is never paged in.
        np.empty(_LARGE_BLOCK, dtype=np.uint8)
    paths, schedule = OwnPaths(), Lockstep()
    geometry = Geometry(launch.block, min(per_chunk, launch.blocks))
    for first in range(0, launch.blocks, per_chunk):
        count = min(per_chunk, launch.blocks - first)
        if count != geometry.blocks:
            geometry = Geometry(launch.block, count)
        chunk = Chunk(geometry, launch.grid, first)
        for observer in launch.observers:
            observer.begin_chunk(chunk)
        launch.program.run(Lanes(launch, chunk, paths, schedule), *launch.arguments.values)
        for observer in launch.observers:
            observer.end_chunk(chunk)
        launch.blocks_done += count
