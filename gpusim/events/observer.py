"""The interface that every observer implements.

The engine calls `access` after the addresses of a memory instruction are known and before it is
carried out, and the other methods where their names say. An observer may record, count, report findings or
raise a `MemoryFault`; it must not change masks, memory or values.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.events.faults import Fault, WrapsAround
from gpusim.events.launch import Launched
from gpusim.events.statements import Block, Statement
from gpusim.events.warps import IncompleteBarrier, WarpCall
from gpusim.findings.finding import Finding
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.places import Site


class Observer:
    """Does nothing; override what you need.

    `wants_values`: `value` is called, too. `whole_warps`: memory instructions and branches of whole warps are
    wanted also where threads run one by one, after a block is done, as lockstep would have executed them.
    """

    wants_values = False
    whole_warps = False

    report: Callable[[Finding], object]
    """Takes a finding; the launch puts its own here before `begin`."""

    def begin(self, launch: Launched) -> None:
        """The launch is about to start."""

    def begin_chunk(self, chunk: Chunk) -> None:
        """These blocks are about to run."""

    def access(self, access: Access) -> None:
        """Active lanes load, store or update memory."""

    def value(self, access: Access, value: Any) -> None:
        """The values that the access just reported loaded or stored (only sent when `wants_values`)."""

    def fault(self, fault: Fault) -> None:
        """An access that a GPU refuses. The engine reads poison or drops the store if nobody raises."""

    def wraps_around(self, event: WrapsAround) -> None:
        """A negative index that is computed; only the first at each place in the source."""

    def branch(self, site: Site, mask: Mask, taken: Mask | None, diverged: int, loop: bool) -> None:
        """An `if` (or a loop's test) held in the lanes `taken` of `mask`; in `diverged` warps lanes disagreed."""

    def issue(self, block: Block, mask: Mask) -> None:
        """A straight-line block of statements starts."""

    def statement(self, statement: Statement, mask: Mask, chunk: Chunk) -> None:
        """Active lanes reach a statement (only sent by programs that are lowered to be followed)."""

    def assigned(self, statement: Statement, name: str, value: Any, mask: Mask, chunk: Chunk) -> None:
        """A variable gets its value in the active lanes (only sent as `statement` is).

        `value` is a number, or a vector with one element per lane of which those of other lanes mean nothing, or
        whatever else a variable can hold.
        """

    def waits(self, site: Site, mask: Mask, chunk: Chunk) -> None:
        """A thread that runs by itself waits at a barrier or warp operation until the others have come."""

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        """`blocks` thread blocks of the chunk execute `syncthreads`."""

    def incomplete_barrier(self, barrier: IncompleteBarrier) -> None:
        """Of some blocks, not all threads execute the barrier to come."""

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        """Active lanes execute `syncwarp`, each with the lanes `members` (uint32 set) of its warp."""

    def warp_call(self, call: WarpCall) -> None:
        """A vote, shuffle, match or `syncwarp` (only sent unless all lanes are active and name all lanes)."""

    def shuffle(self, call: WarpCall, source: np.ndarray, relative: bool) -> None:
        """After `warp_call`: each active lane reads from lane `source` of its warp (int64, one per lane).

        `relative`: the source is given as a distance from the reader.
        """

    def grid_barrier(self, site: Site, chunk: Chunk) -> None:
        """All threads of the grid execute `grid.sync()`."""

    def fence(self, site: Site, mask: Mask, chunk: Chunk, scope: str) -> None:
        """Active lanes execute `threadfence`; `scope` is "block" for `threadfence_block`, otherwise "device"."""

    def end_chunk(self, chunk: Chunk) -> None:
        """These blocks are done."""

    def end(self, launch: Launched) -> None:
        """The launch is over: done, or stopped by an error (`launch.complete` says which)."""
