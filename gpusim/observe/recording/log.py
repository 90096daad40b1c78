"""The log of a recording: one row for each thing that happened, vectors kept once however often they occur.

Loops come back to the same masks, the same distances between addresses and the same values; so rows hold numbers of
vectors, and a vector that is known already costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

STATEMENT, LOAD, STORE, ATOMIC, ASSIGN, BRANCH, BARRIER, MEETING, WAIT, OTHERS = range(10)
"""Kinds of rows. MEETING: a warp operation or grid barrier; OTHERS: threads that are not recorded changed memory."""

NOTHING = -1


class Row(NamedTuple):
    """Something that the threads `mask` did; `place`, `mask`, `what` and the vectors are numbers.

    Of an access to array `what`, thread k of the mask uses the element at byte `base + addresses[k]` of its instance
    of the array; `value` is what it reads or writes, of an atomic its operand and `after` what memory holds
    afterwards. Of an assignment to variable `what`, `value` is what it gets; of a branch, who takes it (bool).
    """

    kind: int
    place: int
    mask: int
    what: int = NOTHING
    base: int = 0
    addresses: int = NOTHING
    value: int = NOTHING
    after: int = NOTHING


class Lines(NamedTuple):
    """Lines `line` to `last` of a file, in a function."""

    function: str
    file: str
    line: int
    last: int


class Vectors:
    """Vectors by number; equal ones have the same. A vector of length one stands for the same value everywhere."""

    def __init__(self, shorten: bool = True) -> None:
        self.vectors: list[np.ndarray] = []
        self.bytes = 0
        self._shorten = shorten
        self._numbers: dict[tuple[np.dtype, bytes], int] = {}

    def add(self, vector: np.ndarray) -> int:
        raw = vector.tobytes()
        if self._shorten and vector.shape[0] > 1 and raw == raw[: vector.itemsize] * vector.shape[0]:
            vector, raw = vector[:1], raw[: vector.itemsize]
        key = vector.dtype, raw
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self.vectors)
            self.vectors.append(np.array(vector))
            self.bytes += len(raw)
        return number

    def __getitem__(self, number: int) -> np.ndarray:
        return self.vectors[number]


class Names:
    """Things by number, in order of appearance."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}

    def add(self, name: Any) -> int:
        return self._numbers.setdefault(name, len(self._numbers))

    def __iter__(self) -> Iterator[Any]:
        return iter(self._numbers)


@dataclass
class Log:
    """Rows in order, and the tables that they refer to.

    `blocks` are the linear ids of the recorded blocks, ascending; a thread's number, in masks (int32), is its
    position among the threads of these blocks. `starts` are the rows at which steps start.
    """

    blocks: list[int]
    threads_per_block: int
    rows: list[Row] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    masks: Vectors = field(default_factory=lambda: Vectors(shorten=False))
    vectors: Vectors = field(default_factory=Vectors)
    places: Names = field(default_factory=Names)
    arrays: Names = field(default_factory=Names)
    variables: Names = field(default_factory=Names)

    @property
    def bytes(self) -> int:
        """About as much memory as it takes."""
        return self.masks.bytes + self.vectors.bytes + 100 * len(self.rows)

    def addresses(self, row: Row) -> np.ndarray:
        """Byte addresses of a row's threads in their instances of the array, int64."""
        distances = self.vectors[row.addresses].astype(np.int64)
        return np.broadcast_to(distances + row.base, self.masks[row.mask].shape)

    def distances(self, addresses: np.ndarray) -> tuple[int, int]:
        """The first address, and the number of the vector of distances from it."""
        base = int(addresses[0])
        return base, self.vectors.add((addresses - base).astype(np.int32))

    def restricted(self, blocks: Iterable[int]) -> Log:
        """The same log of fewer blocks; steps in which none of their threads takes part are left out."""
        kept = sorted(blocks)
        size = self.threads_per_block
        numbers = np.full(len(self.blocks) * size, NOTHING, dtype=np.int32)
        for i, block in enumerate(kept):
            first = self.blocks.index(block) * size
            numbers[first : first + size] = np.arange(i * size, (i + 1) * size)
        log = Log(kept, size, places=self.places, arrays=self.arrays, variables=self.variables)
        renumbered = [numbers[members] for members in self.masks.vectors]
        starts, starting = set(self.starts), False
        for i, row in enumerate(self.rows):
            starting |= i in starts
            members = renumbered[row.mask]
            keep = members != NOTHING
            if keep.any():
                if starting:
                    log.starts.append(len(log.rows))
                    starting = False
                log.rows.append(self._restricted(row, log, members[keep], keep))
        return log

    def _restricted(self, row: Row, log: Log, members: np.ndarray, keep: np.ndarray) -> Row:
        def part(number: int) -> int:
            if number == NOTHING:
                return NOTHING
            vector = self.vectors[number]
            return log.vectors.add(vector if vector.shape[0] == 1 else vector[keep])

        base, addresses = row.base, NOTHING
        if row.addresses != NOTHING:
            base, addresses = log.distances(self.addresses(row)[keep])
        return Row(
            row.kind, row.place, log.masks.add(members), row.what, base, addresses, part(row.value), part(row.after)
        )

    def cut(self, steps: int) -> Log:
        """The same log, ended before step number `steps`."""
        if steps >= len(self.starts):
            return self
        log = Log(self.blocks, self.threads_per_block, self.rows[: self.starts[steps]], self.starts[:steps])
        log.masks, log.vectors = self.masks, self.vectors
        log.places, log.arrays, log.variables = self.places, self.arrays, self.variables
        return log.restricted(log.blocks)
