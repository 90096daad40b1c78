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
    from gpusim.memory.buffer import Buffer
    from gpusim.memory.view import View
    from gpusim.observe.finding import Finding
    from gpusim.simt.chunk import Chunk
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

    `addresses` holds byte offsets in `buffer.storage`: an int64 array with one element per lane
    (undefined for inactive lanes), or one int when every active lane uses the same address.
    `op` is "load", "store" or "atomic". `values` is what a store is about to write (a scalar or a vector
    of the element's type), and None for other accesses.
    """

    __slots__ = ("addresses", "buffer", "chunk", "itemsize", "mask", "op", "site", "values", "view")

    def __init__(
        self,
        op: str,
        site: Site,
        view: View,
        buffer: Buffer,
        itemsize: int,
        mask: Mask,
        addresses: np.ndarray | int,
        chunk: Chunk,
        values: Any = None,
    ) -> None:
        self.op = op
        self.site = site
        self.view = view
        self.buffer = buffer
        self.itemsize = itemsize
        self.mask = mask
        self.addresses = addresses
        self.chunk = chunk
        self.values = values


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

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        """The lanes `members` (bool, one per lane) of their warps execute `syncwarp`."""

    def fence(self, site: Site, mask: Mask, chunk: Chunk) -> None:
        """Active lanes execute `threadfence`."""

    def end_chunk(self, chunk: Chunk) -> None:
        """These blocks are done."""

    def end(self, launch: Launch) -> None:
        """The launch is done."""
