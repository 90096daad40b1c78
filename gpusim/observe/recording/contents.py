"""What memory held that the recorded threads did not write: at the start, and by the hands of other threads.

A player carries out the recorded stores itself, so that loads need no values. This does the same once before: where a
load has read something else than the stores explain, other threads have been there, and a row says so.
"""

from __future__ import annotations

import numpy as np

from gpusim.memory.buffer import Array
from gpusim.observe.recording.log import ATOMIC, LOAD, OTHERS, STORE, Log, Row


class Contents:
    """Global and constant arrays as far as they are known: `first` holds what is known of their bytes at the start
    (array -> uint8 bytes, bool known), and `rows` is the log with changes by others. Of arrays that were not kept
    whole, an element is known from what the first recorded thread finds there."""

    def __init__(self, log: Log, whole: dict[Array, np.ndarray], written: dict[Array, np.ndarray]) -> None:
        self.first: dict[Array, tuple[np.ndarray, np.ndarray]] = {}
        self.rows: list[Row] = []
        self.starts: list[int] = []
        self._log = log
        self._now: dict[Array, tuple[np.ndarray, np.ndarray]] = {}
        arrays = list(log.arrays)
        for array, storage in whole.items():
            known = written.get(array, np.ones(storage.shape[0], dtype=np.bool_))
            self.first[array] = storage.copy(), known.copy()
            self._now[array] = storage.copy(), known.copy()
        starts = set(log.starts)
        for i, row in enumerate(log.rows):
            if i in starts:
                self.starts.append(len(self.rows))
            if row.kind in (LOAD, STORE, ATOMIC) and arrays[row.what].space in ("global", "constant"):
                self._follow(row, arrays[row.what])
            self.rows.append(row)

    def _follow(self, row: Row, array: Array) -> None:
        log = self._log
        values = log.vectors[row.after if row.kind == ATOMIC else row.value]
        addresses = log.addresses(row)
        size = values.dtype.itemsize
        raw = np.broadcast_to(values, addresses.shape).copy().view(np.uint8).reshape(-1, size)
        places = addresses[:, None] + np.arange(size)
        memory, known = self._memory(self._now, array, int(addresses.max()) + size)
        if row.kind == LOAD:
            news = ~known[places].all(axis=1)
            changed = ~news & (memory[places] != raw).any(axis=1)
            if news.any():
                first, first_known = self._memory(self.first, array, int(addresses.max()) + size)
                first[places[news]] = raw[news]
                first_known[places[news]] = True
            if changed.any():
                base, distances = log.distances(addresses[changed])
                value = log.vectors.add(values if values.shape[0] == 1 else values[changed])
                members = log.masks.add(log.masks[row.mask][changed])
                self.rows.append(Row(OTHERS, row.place, members, row.what, base, distances, value))
        memory[places] = raw  # the last of several threads that write one element stays
        known[places] = True

    @staticmethod
    def _memory(
        table: dict[Array, tuple[np.ndarray, np.ndarray]], array: Array, end: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """The bytes of an array, and which are known; zeros take no memory until somebody touches them."""
        size = max(end, int(np.prod(array.shape)) * array.dtype.itemsize)
        if array not in table or table[array][0].shape[0] < end:
            memory, known = np.zeros(size, dtype=np.uint8), np.zeros(size, dtype=np.bool_)
            if array in table:
                memory[: len(table[array][0])], known[: len(table[array][1])] = table[array]
            table[array] = memory, known
        return table[array]
