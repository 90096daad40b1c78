"""The recorder: an observer that keeps everything the threads of some blocks do, in order.

A step is a statement, with the accesses, assignments and barriers that it brings. Where threads run one by one, a
step is one thread's; and what a thread does in a statement after another one has been at work is a step of its own.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from gpusim.events.access import Access
from gpusim.events.launch import Launched
from gpusim.events.observer import Observer
from gpusim.events.statements import Statement
from gpusim.events.warps import WarpCall
from gpusim.machine.chunk import Chunk, coordinates
from gpusim.machine.masks import Mask
from gpusim.memory.buffer import Array, Buffer
from gpusim.memory.view import View, c_strides
from gpusim.observe.recording.log import (
    ASSIGN,
    ATOMIC,
    BARRIER,
    BRANCH,
    LOAD,
    MEETING,
    NOTHING,
    STATEMENT,
    STORE,
    WAIT,
    Lines,
    Log,
    Row,
)
from gpusim.places import Site

RECORDED_THREADS = 1 << 13
"""Recordings start with as many blocks as have this many threads together."""

MEMORY = 1 << 26
"""Bytes that a log may take before it goes on with half of its blocks, or ends."""

WHOLE_BYTES = 1 << 16
"""Arrays of up to this many bytes are recorded as they were at the start; of larger ones, what threads touch."""

_REMEMBERED_LANES = 1 << 24
_KINDS = {"load": LOAD, "store": STORE, "atomic": ATOMIC}


class _Threads(NamedTuple):
    """The recorded threads of a mask: their lanes in the chunk, int64, and the number of their own mask."""

    lanes: np.ndarray
    mask: int


class Recorder(Observer):
    """Keeps a `log`. `contents` has small arrays as bytes before the launch, and `written` which of these something
    had written; `complete` says whether the log goes on to the end."""

    wants_values = True

    def __init__(self) -> None:
        self.complete = True
        self.contents: dict[Array, np.ndarray] = {}
        self.written: dict[Array, np.ndarray] = {}
        self.turned: set[Array] = set()  # arrays in Fortran order
        self._step: tuple[Lines, int] | None = None  # the statement of the step, and the mask
        self._masks: dict[Mask, tuple[int, _Threads | None]] = {}  # by mask: first block of the chunk, threads
        self._chunks: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
        self._atomic: tuple[int, Access, _Threads] | None = None

    def begin(self, launch: Launched) -> None:
        self.grid, self.block = launch.grid, launch.block
        count = max(1, min(launch.blocks, RECORDED_THREADS // launch.threads_per_block))
        self.log = Log(spread(range(launch.blocks), count), launch.threads_per_block)

    # What happens

    def statement(self, statement: Statement, mask: Mask, chunk: Chunk) -> None:
        self._settle()
        if self.log.bytes > MEMORY:
            self._shrink()
        threads = self._threads(mask, chunk)
        if threads is not None:
            self._start(_place(statement), threads)
            self._append(Row(STATEMENT, self.log.places.add(_place(statement)), threads.mask))

    def access(self, access: Access) -> None:
        self._settle()
        self._remember(access.buffer, access.view)
        if access.op == "store" and (threads := self._threads(access.mask, access.chunk)) is not None:
            self._log_access(access, threads, access.values)

    def value(self, access: Access, value: Any) -> None:
        """Loads have their values now; of an atomic this is the operand, and memory is about to change."""
        if access.op == "store" or (threads := self._threads(access.mask, access.chunk)) is None:
            return
        self._log_access(access, threads, value)
        if access.op == "atomic":
            self._atomic = len(self.log.rows) - 1, access, threads

    def assigned(self, statement: Statement, name: str, value: Any, mask: Mask, chunk: Chunk) -> None:
        self._settle()
        threads = self._threads(mask, chunk)
        if threads is not None:
            self._assign(_place(statement), name, value, threads)

    def branch(self, site: Site, mask: Mask, taken: Mask | None, diverged: int, loop: bool) -> None:
        _, threads = self._masks.get(mask, (0, None))  # known from the statement that branches
        if threads is not None:
            yes = np.zeros(threads.lanes.shape[0], dtype=np.bool_) if taken is None else taken.bits[threads.lanes]
            self._add(BRANCH, _of(site), threads, value=self.log.vectors.add(yes))

    def barrier(self, site: Site, mask: Mask, chunk: Chunk, blocks: int) -> None:
        self._meet(BARRIER, site, mask, chunk)

    def warp_barrier(self, site: Site, mask: Mask, chunk: Chunk, members: np.ndarray) -> None:
        self._meet(MEETING, site, mask, chunk)

    def grid_barrier(self, site: Site, chunk: Chunk) -> None:
        self._meet(MEETING, site, chunk.geometry.everyone, chunk)

    def warp_call(self, call: WarpCall) -> None:
        self._meet(MEETING, call.site, call.mask, call.chunk)

    def waits(self, site: Site, mask: Mask, chunk: Chunk) -> None:
        self._meet(WAIT, site, mask, chunk)

    def end(self, launch: Launched) -> None:
        self._settle()

    def last_writer(self, array: Array, element: int) -> dict[str, Any] | None:
        """Lines and thread (`file`, `line`, `block`, `thread`) of the last recorded store to an element."""
        log = self.log
        arrays, places = list(log.arrays), list(log.places)
        for row in reversed(log.rows):
            if row.kind in (STORE, ATOMIC) and arrays[row.what].name == array.name:
                found = np.flatnonzero(log.addresses(row) // array.dtype.itemsize == element)
                if found.size:
                    block, inside = divmod(int(log.masks[row.mask][found[-1]]), log.threads_per_block)
                    return {
                        "file": places[row.place].file,
                        "line": places[row.place].line,
                        "block": coordinates(log.blocks[block], self.grid),
                        "thread": coordinates(inside, self.block),
                    }
        return None

    # Rows

    def _meet(self, kind: int, site: Site, mask: Mask, chunk: Chunk) -> None:
        self._settle()
        threads = self._threads(mask, chunk)
        if threads is not None:
            self._add(kind, _of(site), threads)

    def _log_access(self, access: Access, threads: _Threads, value: Any) -> None:
        buffer = access.buffer
        addresses = _part(access.addresses, threads)
        if buffer.space in ("shared", "local"):
            addresses = addresses % max(buffer.instance_bytes, 1)
        base, distances = self.log.distances(addresses)
        value = self.log.vectors.add(_part(value, threads))
        array = self.log.arrays.add(buffer.array)
        self._add(_KINDS[access.op], _of(access.site), threads, array, base, distances, value)

    def _assign(self, place: Lines, name: str, value: Any, threads: _Threads) -> None:
        if isinstance(value, tuple):
            for k, part in enumerate(value):
                self._assign(place, f"{name}[{k}]", part, threads)
        elif isinstance(value, (np.generic, np.ndarray)) and value.dtype.fields is None:
            variable = self.log.variables.add((place.function, name))
            self._add(ASSIGN, place, threads, variable, value=self.log.vectors.add(_part(value, threads)))

    def _add(
        self,
        kind: int,
        place: Lines,
        threads: _Threads,
        what: int = NOTHING,
        base: int = 0,
        addresses: int = NOTHING,
        value: int = NOTHING,
    ) -> None:
        """A row about a place in the source; it starts a step, unless these threads are in its statement already."""
        if not self._is_within(place, threads):
            self._start(place, threads)
        self._append(Row(kind, self.log.places.add(place), threads.mask, what, base, addresses, value))

    def _is_within(self, place: Lines, threads: _Threads) -> bool:
        if self._step is None:
            return False
        here, mask = self._step
        if place.file != here.file or not here.line <= place.line <= here.last:
            return False
        if mask == threads.mask:
            return True
        some, all_ = self.log.masks[threads.mask], self.log.masks[mask]
        return some.shape[0] < all_.shape[0] and bool(np.isin(some, all_, assume_unique=True).all())

    def _start(self, place: Lines, threads: _Threads) -> None:
        self._step = place, threads.mask
        if self.complete:
            self.log.starts.append(len(self.log.rows))

    def _append(self, row: Row) -> None:
        if self.complete:
            self.log.rows.append(row)

    def _settle(self) -> None:
        """Note what the last atomic operation has left in memory: it was announced before it was carried out."""
        if self._atomic is None:
            return
        number, access, threads = self._atomic
        self._atomic = None
        if not self.complete:
            return
        addresses = np.broadcast_to(access.addresses, access.chunk.lanes)[threads.lanes]
        size = access.itemsize
        after = access.buffer.storage[addresses[:, None] + np.arange(size)].reshape(-1).view(access.view.dtype)
        self.log.rows[number] = self.log.rows[number]._replace(after=self.log.vectors.add(after))

    # What is recorded

    def _threads(self, mask: Mask, chunk: Chunk) -> _Threads | None:
        """The recorded threads among the lanes of a mask; None if there are none, or no more is recorded."""
        if not self.complete:
            return None
        known = self._masks.get(mask)
        if known is None or known[0] != chunk.first_block:  # chunks of one size share the mask of all lanes
            if len(self._masks) * chunk.lanes > _REMEMBERED_LANES:
                self._masks.clear()
            lanes, numbers = self._recorded(chunk)
            active = mask.bits[lanes]
            threads = _Threads(lanes[active], self.log.masks.add(numbers[active])) if active.any() else None
            known = self._masks[mask] = chunk.first_block, threads
        return known[1]

    def _recorded(self, chunk: Chunk) -> tuple[np.ndarray, np.ndarray]:
        """The lanes of a chunk that are recorded, and the numbers of their threads."""
        key = chunk.first_block, chunk.blocks
        if key not in self._chunks:
            size, lanes, numbers = chunk.threads, [np.zeros(0, np.int64)], [np.zeros(0, np.int32)]
            for position, block in enumerate(self.log.blocks):
                if chunk.first_block <= block < chunk.first_block + chunk.blocks:
                    lanes.append((block - chunk.first_block) * size + np.arange(size))
                    numbers.append(position * size + np.arange(size, dtype=np.int32))
            self._chunks[key] = np.concatenate(lanes), np.concatenate(numbers)
        return self._chunks[key]

    def _remember(self, buffer: Buffer, view: View) -> None:
        """Keep a small array as it is when the first thread comes to it."""
        array = buffer.array
        if buffer.space in ("shared", "local") or array in self.contents:
            return
        if view.shape == array.shape and _is_turned(view):
            self.turned.add(array)
        if buffer.storage.shape[0] > WHOLE_BYTES:
            return
        self.contents[array] = buffer.storage.copy()
        if buffer.written is not None:
            self.written[array] = buffer.written.copy()

    def _shrink(self) -> None:
        """Go on with half of the blocks, or not at all."""
        if len(self.log.blocks) == 1:
            self.complete = False
            return
        self.log = self.log.restricted(spread(self.log.blocks, len(self.log.blocks) // 2))
        self._masks.clear()
        self._chunks.clear()
        self._step = None


def _place(statement: Statement) -> Lines:
    return Lines(statement.function, statement.file, statement.line, statement.last)


def _of(site: Site) -> Lines:
    return Lines(site.kernel, site.file, site.line, site.line)


def _is_turned(view: View) -> bool:
    """Does the first index run fastest, and not the last?"""
    shape: Any = view.shape
    fortran = c_strides(shape[::-1], view.dtype.itemsize)[::-1]
    return view.strides == fortran != c_strides(shape, view.dtype.itemsize)


def spread(blocks: list[int] | range, count: int) -> list[int]:
    """`count` of the blocks, evenly spread over all of them: one alone is the first, of several the ends are two."""
    return [blocks[i] for i in np.linspace(0, len(blocks) - 1, count).round().astype(int).tolist()]


def _part(value: Any, threads: _Threads) -> np.ndarray:
    """The value in each recorded thread, or one that all of them have."""
    vector = np.asarray(value)
    return vector[threads.lanes] if vector.ndim else vector.reshape(1)
