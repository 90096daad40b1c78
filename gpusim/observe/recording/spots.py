"""Where a finding is in a recording: the steps and threads that it is about, and the element."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.findings import Finding
from gpusim.machine.chunk import Dim
from gpusim.observe.recording.log import ATOMIC, LOAD, STATEMENT, STORE, Log, Row

LAST = "other-result"
"""Kind of a finding about the last access of its thread to its array; others are about the first."""

_Touch = tuple[int, int]  # (step, byte address)


@dataclass(frozen=True)
class Spots:
    """Finds findings in a log of a launch with these extents."""

    log: Log
    grid: Dim
    block: Dim

    def of(self, findings: Sequence[Finding]) -> list[dict[str, Any]]:
        """Of each finding a dict: `step` and `thread` (its number in masks), of a race `other_step` and
        `other_thread`, too, and `array` and `address` where it is about an element; None for what is not recorded."""
        if not findings:
            return []
        rows = self._rows_by_line()
        return [self._spot(finding, rows) for finding in findings]

    def blocks(self, findings: Sequence[Finding]) -> list[int]:
        """The recorded blocks, by linear id, that findings are about."""
        places = [finding.block for finding in findings]
        places += [finding.other["block"] for finding in findings if finding.other]
        linear = [x + self.grid[0] * (y + self.grid[1] * z) for x, y, z in filter(None, places)]
        return [block for block in dict.fromkeys(linear) if block in self.log.blocks]

    def _spot(self, finding: Finding, rows: dict[tuple[str, int], list[tuple[int, Row]]]) -> dict[str, Any]:
        thread = self._number(finding.block, finding.thread)
        carried_out = finding.tool != "memcheck"  # what memcheck reports never takes place
        here = self._touches(finding, finding.file, finding.line, thread, rows) if carried_out else []
        spot: dict[str, Any] = {"step": None, "thread": thread}
        other = finding.other
        if other is not None:
            thread = self._number(other["block"], other["thread"])
            there = self._touches(finding, other.get("file", finding.file), other["line"], thread, rows)
            pair = _first_pair(here, there)
            spot |= {"other_step": None, "other_thread": thread}
            if pair is not None:
                spot |= {"step": pair[0][0], "other_step": pair[1][0], "address": pair[0][1]}
        if spot["step"] is None and here:
            touch = here[-1] if finding.kind == LAST else here[0]
            spot |= {"step": touch[0], "address": touch[1]}
        if spot["step"] is None:
            spot["step"] = self._reached(finding, thread if other is None else spot["thread"], rows)
        names = [array.name for array in self.log.arrays]
        spot["array"] = names.index(finding.array) if finding.array in names else None
        return spot

    def _touches(
        self,
        finding: Finding,
        file: str,
        line: int,
        thread: int | None,
        rows: dict[tuple[str, int], list[tuple[int, Row]]],
    ) -> list[_Touch]:
        """Accesses of a thread to the finding's array in a line."""
        if thread is None:
            return []
        arrays = list(self.log.arrays)
        touches = []
        for step, row in rows.get((file, line), []):
            if row.kind in (LOAD, STORE, ATOMIC) and arrays[row.what].name == finding.array:
                at = np.flatnonzero(self.log.masks[row.mask] == thread)
                if not at.size:
                    continue
                address = int(self.log.addresses(row)[at[0]])
                if finding.element is None or address // arrays[row.what].dtype.itemsize == finding.element:
                    touches.append((step, address))
        return touches

    def _reached(
        self, finding: Finding, thread: int | None, rows: dict[tuple[str, int], list[tuple[int, Row]]]
    ) -> int | None:
        """The last time that the thread comes to the line: an access that ends a launch is never carried out."""
        steps = [
            step
            for step, row in rows.get((finding.file, finding.line), [])
            if thread is None or (self.log.masks[row.mask] == thread).any()
        ]
        return steps[-1] if steps else None

    def _rows_by_line(self) -> dict[tuple[str, int], list[tuple[int, Row]]]:
        """(file, line) -> (step, row) of the rows there."""
        places = list(self.log.places)
        found: dict[tuple[str, int], list[tuple[int, Row]]] = defaultdict(list)
        for i, row in enumerate(self.log.rows):
            place = places[row.place]
            step = bisect_right(self.log.starts, i) - 1
            for line in range(place.line, place.last + 1) if row.kind == STATEMENT else (place.line,):
                found[place.file, line].append((step, row))
        return found

    def _number(self, block: Dim | None, thread: Dim | None) -> int | None:
        """A thread's number in masks; None if it is not recorded."""
        if block is None or thread is None:
            return None
        linear = block[0] + self.grid[0] * (block[1] + self.grid[1] * block[2])
        if linear not in self.log.blocks:
            return None
        inside = thread[0] + self.block[0] * (thread[1] + self.block[1] * thread[2])
        return self.log.blocks.index(linear) * self.log.threads_per_block + inside


def _first_pair(here: list[_Touch], there: list[_Touch]) -> tuple[_Touch, _Touch] | None:
    """The first two accesses, one of each, to the same address: those of which the later one comes first."""
    earliest: dict[int, _Touch] = {}
    for touch in there:
        earliest.setdefault(touch[1], touch)
    pairs = [(touch, earliest[touch[1]]) for touch in here if touch[1] in earliest]
    return min(pairs, key=lambda pair: max(pair[0][0], pair[1][0]), default=None)
