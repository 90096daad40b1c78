"""A trace: every access of a launch with its lanes, elements and values, in order. Pictures come from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.events.access import Access
from gpusim.events.observer import Observer
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Array
from gpusim.places import Site


@dataclass(frozen=True, eq=False)
class Event:
    """One memory instruction or barrier.

    `block` and `thread` (int64 vectors) are the linear ids of the active lanes, `element` (int64) the
    position of each in the `memory` of its array, `value` what each loaded or stored. `stage` counts the barriers that
    the chunk executed before. Of a barrier, `block` holds the blocks that execute it; the rest is empty.
    """

    index: int
    op: str
    space: str
    array: str
    file: str
    line: int
    stage: int
    block: np.ndarray
    thread: np.ndarray
    element: np.ndarray
    value: np.ndarray | None
    memory: Array | None = None


_NONE = np.zeros(0, dtype=np.int64)


class Trace(Observer):
    """Records up to `limit` lane accesses (None: without limit); `complete` says whether that was enough."""

    wants_values = True

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._log: list[tuple[Access | Site, Any, int]] = []
        self.complete = True
        self._recorded = 0
        self._stages: dict[int, int] = {}

    def begin_chunk(self, chunk: Chunk) -> None:
        self._stages[chunk.first_block] = 0

    def value(self, access: Access, value: Any) -> None:
        lanes = access.mask.lanes
        if self.limit is not None and self._recorded + lanes > self.limit:
            self.complete = False
            self._log.clear()
            self.limit = 0
            return
        self._recorded += lanes
        self._log.append((access, value, self._stages[access.chunk.first_block]))

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        if self.complete:
            self._log.append((site, np.unique(chunk.linear_block[mask.bits]), self._stages[chunk.first_block]))
        self._stages[chunk.first_block] += 1

    @property
    def events(self) -> list[Event]:
        """Made when somebody asks: most traces are never looked at, and recording must cost next to nothing."""
        return [
            _access_event(index, entry, value, stage)
            if isinstance(entry, Access)
            else Event(index, "barrier", "", "", entry.file, entry.line, stage, value, _NONE, _NONE, None)
            for index, (entry, value, stage) in enumerate(self._log)
        ]


def _access_event(index: int, access: Access, value: Any, stage: int) -> Event:
    active = np.flatnonzero(access.mask.bits)
    chunk, buffer, array = access.chunk, access.buffer, access.buffer.array
    addresses = np.broadcast_to(access.addresses, chunk.lanes)[active]
    if buffer.space in ("shared", "local"):
        addresses = addresses % buffer.instance_bytes
    return Event(
        index=index,
        op=access.op,
        space=buffer.space,
        array=array.name,
        file=access.site.file,
        line=access.site.line,
        stage=stage,
        block=chunk.linear_block[active],
        thread=chunk.geometry.thread[active],
        element=addresses // max(array.dtype.itemsize, 1),
        value=np.broadcast_to(value, chunk.lanes)[active].copy(),
        memory=array,
    )
