"""synccheck: barriers that a part of a block cannot reach.

A barrier waits for all threads of its block, so one in a branch or loop that only some of them enter
hangs, or meets threads that wait at some other barrier (CUDA C++ Programming Guide, "Synchronization
Functions": conditional code must decide the same way in the whole block).

Threads that have returned are another matter: GPUs from compute capability 7.0 on wait for the others only, older
ones hang (same section), so a barrier that nobody but returned threads misses is a warning.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpusim.events.observer import Observer
from gpusim.events.warps import IncompleteBarrier
from gpusim.events.whereabouts import Whereabouts
from gpusim.findings import Finding
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.places import Index, Place, Site

_FIXES = {
    "returned": (
        "let every thread reach the barrier, which GPUs before compute capability 7.0 need: "
        "put an `if` around the work instead of returning early"
    ),
    "branch": "move the barrier out of the `if`, so that every thread of the block executes it",
    "loop": "give every thread of the block the same number of iterations, and guard the work inside",
    "unknown": "let every thread of the block execute it",
}


@dataclass(frozen=True)
class _Waiting:
    """The threads `arrived` (bool) of one block at a barrier; the others may miss it, or find one of their own."""

    site: Site
    chunk: Chunk
    block: int
    arrived: np.ndarray
    absent: Whereabouts
    only_returned: bool
    blocks: int
    scope: str

    @property
    def first(self) -> int:
        """The lane, in the chunk, of the first thread that waits."""
        return self.block * self.chunk.threads + int(np.argmax(self.arrived))

    @property
    def missing(self) -> int:
        """The lane of the first thread that does not."""
        return self.block * self.chunk.threads + int(np.argmin(self.arrived))


class Barriers(Observer):
    """Finds barriers that not all threads of a block execute."""

    def __init__(self) -> None:
        self._waiting: dict[int, _Waiting] = {}

    def incomplete_barrier(self, barrier: IncompleteBarrier) -> None:
        site, chunk, arrived, exited = barrier.site, barrier.chunk, barrier.arrived, barrier.exited
        before = self._waiting.pop(chunk.first_block, None)
        if before is not None:
            here = arrived[before.block]
            if before.site is not site and here.any() and not (here & before.arrived).any():
                self._report_two(before, site, here)
                return
            self._report_missed(before)
        partial: np.ndarray = np.any(arrived, axis=1) & ~np.all(arrived, axis=1)
        block = int(np.argmax(partial))
        absent = barrier.search(block * chunk.threads + int(np.argmin(arrived[block])))
        blocks = int(np.count_nonzero(partial))
        gone_bits = np.zeros(chunk.lanes, np.bool_) if exited is None else exited.bits
        gone = bool((arrived | gone_bits.reshape(arrived.shape) | ~partial[:, np.newaxis]).all())
        scope = barrier.scope
        self._waiting[chunk.first_block] = _Waiting(site, chunk, block, arrived[block], absent, gone, blocks, scope)

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        waiting = self._waiting.get(chunk.first_block)
        if waiting is not None and mask.bits.reshape(chunk.blocks, chunk.threads)[waiting.block].all():
            self._report_one(self._waiting.pop(chunk.first_block))

    def end_chunk(self, chunk: Chunk) -> None:
        waiting = self._waiting.pop(chunk.first_block, None)
        if waiting is not None:
            self._report_missed(waiting)

    def _report_missed(self, waiting: _Waiting) -> None:
        """The other threads have not come to any barrier; that of the grid does not wait for those that return."""
        if waiting.scope == "block":
            self._report_one(waiting)

    def _report_one(self, waiting: _Waiting) -> None:
        chunk, site, absent = waiting.chunk, waiting.site, waiting.absent
        block, thread = chunk.where(waiting.first)
        missing = chunk.where(waiting.missing)[1]
        self._note(
            waiting,
            "divergent-barrier",
            f"only {int(waiting.arrived.sum())} of the {chunk.threads} threads of block {block} reach `{site.text}`: "
            f"thread {thread} waits here, but thread {missing} {absent.said}; {_FIXES[absent.kind]}",
            absent.line or site.line,
            missing,
        )

    def _report_two(self, waiting: _Waiting, site: Site, here: np.ndarray) -> None:
        chunk = waiting.chunk
        block, thread = chunk.where(waiting.first)
        other = chunk.where(waiting.block * chunk.threads + int(np.argmax(here)))[1]
        self._note(
            waiting,
            "different-barriers",
            f"the threads of block {block} wait at different barriers: thread {thread}{_more(waiting.arrived)} here, "
            f"thread {other}{_more(here)} at `{site.text}` in line {site.line}; "
            "put one barrier where all threads of the block meet",
            site.line,
            other,
        )

    def _note(self, waiting: _Waiting, kind: str, message: str, line: int, other: Index) -> None:
        site = waiting.site
        place = waiting.chunk.place(site, waiting.first)
        severity = "warning" if waiting.only_returned and kind == "divergent-barrier" else "error"
        rival = Place(Site(site.kernel, site.file, line, ""), place.block, other)
        self.report(Finding.at(place, "synccheck", kind, severity, message, other=rival, count=waiting.blocks))


def _more(threads: np.ndarray) -> str:
    others = int(threads.sum()) - 1
    return f" and {others} more" if others else ""
