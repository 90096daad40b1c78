"""The interface that every observer implements, and the events that it receives.

The engine calls `access` after the addresses of a memory instruction are known and before it is
carried out, and the other methods where their names say. An observer may record, count or raise a
`MemoryFault`; it must not change masks, memory or values.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from gpusim.memory.pattern import Pattern
    from gpusim.memory.view import View
    from gpusim.observe.finding import Finding
    from gpusim.simt.chunk import Chunk
    from gpusim.simt.lanes import Lanes
    from gpusim.simt.launch import Launch
    from gpusim.simt.masks import Mask


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """A place in the source that touches memory, branches or synchronises."""

    kernel: str
    file: str
    line: int
    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Block:
    """Straight-line statements that the same lanes execute one after the other.

    `instructions` has one entry (line, number of operators, calls and accesses) for every line.
    """

    file: str
    instructions: tuple[tuple[int, int], ...]


class Access:
    """One warp-synchronous memory instruction of all active lanes of a chunk.

    `op` is "load", "store" or "atomic". Lanes access elements of `itemsize` bytes, `shift` bytes from where
    `pattern` says. `values` is what a store is about to write (a scalar or a vector of the element's type); it is
    None for other accesses, and once the store is done.
    """

    __slots__ = (
        "_addresses", "buffer", "chunk", "itemsize", "mask", "op", "pattern", "shift", "site", "values", "view"
    )  # fmt: skip

    def __init__(
        self,
        op: str,
        site: Site,
        view: View,
        pattern: Pattern,
        shift: int,
        mask: Mask,
        chunk: Chunk,
        values: Any = None,
    ) -> None:
        self.op = op
        self.site = site
        self.view = view
        self.buffer = view.buffer
        self.itemsize = view.dtype.itemsize
        self.pattern = pattern
        self.shift = shift
        self.mask = mask
        self.chunk = chunk
        self.values = values
        self._addresses: np.ndarray | int | None = None

    @property
    def addresses(self) -> np.ndarray | int:
        """Byte offsets in `buffer.storage`: one int when every active lane uses the same, otherwise an int64
        vector with one element per lane (undefined for inactive lanes)."""
        if self._addresses is None:
            self._addresses = self.pattern.at(self.shift)
        return self._addresses


@dataclass(frozen=True, eq=False, slots=True)
class WarpCall:
    """Who takes part in a warp operation: for each lane of the chunk a uint32, one bit per lane of its warp.

    `named` is the mask argument, `present` the lanes that execute the operation, `alive` those that
    exist and have not returned. `elsewhere`: lanes may also meet at different places in the source.
    """

    named: np.ndarray
    present: np.ndarray
    alive: np.ndarray
    elsewhere: bool


class Observer:
    """Does nothing; override what you need."""

    def begin(self, launch: Launch) -> None:
        """The launch is about to start."""

    def begin_chunk(self, chunk: Chunk) -> None:
        """These blocks are about to run."""

    def access(self, access: Access) -> None:
        """Active lanes load, store or update memory."""

    def value(self, access: Access, value: Any) -> None:
        """The values that the access just reported loaded or stored (only sent when `wants_values`)."""

    wants_values = False

    def outside(self, finding: Finding) -> None:
        """An access leaves its array. The engine reads poison or drops the store if nobody raises."""

    def note(self, finding: Finding) -> None:
        """Something else that the engine itself noticed."""

    def branch(self, site: Site, mask: Mask, taken: Mask | None, diverged: int, loop: bool) -> None:
        """An `if` (or a loop's test) held in the lanes `taken` of `mask`; in `diverged` warps lanes disagreed."""

    def issue(self, block: Block, mask: Mask) -> None:
        """A straight-line block of statements starts."""

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        """`blocks` thread blocks of the chunk execute `syncthreads`."""

    def incomplete_barrier(self, site: Site, t: Lanes, arrived: np.ndarray, scope: str) -> None:
        """Of some blocks, only the threads `arrived` (bool, (blocks, threads)) execute the barrier to come.

        `scope` is "block" or "grid".
        """

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        """Active lanes execute `syncwarp`, each with the lanes `members` (uint32 set) of its warp."""

    def warp_call(self, site: Site, t: Lanes, call: WarpCall) -> None:
        """A vote, shuffle, match or `syncwarp` (only sent unless all lanes are active and name all lanes)."""

    def shuffle(self, site: Site, t: Lanes, call: WarpCall, source: np.ndarray, relative: bool) -> None:
        """After `warp_call`: each active lane reads from lane `source` of its warp (int64, one per lane).

        `relative`: the source is given as a distance from the reader.
        """

    def grid_barrier(self, site: Site, chunk: Chunk) -> None:
        """All threads of the grid execute `grid.sync()`."""

    def fence(self, site: Site, mask: Mask, chunk: Chunk, scope: str) -> None:
        """Active lanes execute `threadfence`; `scope` is "block" for `threadfence_block`, otherwise "device"."""

    def end_chunk(self, chunk: Chunk) -> None:
        """These blocks are done."""

    def end(self, launch: Launch) -> None:
        """The launch is done."""
