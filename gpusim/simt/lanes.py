"""The lanes of a chunk while they execute: the state that statements change, and nothing else.

What statements do to it stands in `gpusim.simt.semantics`. Two policies say what differs between the ways to run a
kernel: `paths`, which ways through the kernel are taken, and `schedule`, who waits for whom.
"""

from __future__ import annotations

from typing import Any

from gpusim.events.observer import Observer
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Buffer
from gpusim.simt.joins import Table
from gpusim.simt.launch import Launch
from gpusim.simt.policies.policy import Paths, Schedule


class Lanes:
    """Execution state of one chunk, or of one thread of it; lowered kernels call it `__t`.

    `mask` holds the active lanes; `exited` the lanes that have returned from the kernel, and `exits` at which line
    each did; `depth` counts the calls that are open. `types` says where paths meet that bring different types
    (gpusim.simt.joins). `buffers` are the shared and local arrays made so far. `observers` learn of accesses, the
    lists `on_...` of what their names say.
    """

    def __init__(self, launch: Launch, chunk: Chunk, paths: Paths, schedule: Schedule) -> None:
        self.launch = launch
        self.chunk = chunk
        self.paths = paths
        self.schedule = schedule
        self.mask: Mask = chunk.geometry.everyone
        self.types: Table = launch.types.main
        self.exited: Mask | None = None
        self.exits: list[tuple[Mask, int]] = []
        self.depth = 0
        self.buffers: dict[Any, Buffer] = {}
        self.observers: list[Observer] = launch.watching("access")
        self.on_branch = launch.watching("branch")
        self.on_issue = launch.watching("issue")
        self.on_barrier = launch.watching("barrier")
        self.on_warp_barrier = launch.watching("warp_barrier")
        self.on_fence = launch.watching("fence")
        self.on_value = [observer for observer in launch.observers if observer.wants_values]
