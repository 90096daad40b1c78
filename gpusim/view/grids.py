"""How an array of any shape becomes a grid of cells on the page."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from gpusim.view.model import Ints, Tally

MOST_CELLS = 48
"""Cells drawn per side; larger arrays are drawn in square bins of elements."""


@dataclass(frozen=True)
class Grid:
    """`elements` laid out in `rows` x `columns` (the last row may be short), drawn in cells of `bin` x `bin`.

    `note` says the same in words.
    """

    elements: int
    rows: int
    columns: int
    bin: int
    note: str

    @property
    def cell_rows(self) -> int:
        return -(-self.rows // self.bin)

    @property
    def cell_columns(self) -> int:
        return -(-self.columns // self.bin)

    def cells(self, tally: Tally) -> dict[tuple[int, int], int]:
        """Accesses per drawn cell, {(row, column): count}, of a tally over flat element indices."""
        flat, where = np.unique(self._cell(tally.index), return_inverse=True)
        sums = np.bincount(where, weights=tally.count, minlength=flat.size).astype(np.int64)
        width = self.cell_columns
        return {(int(f) // width, int(f) % width): int(n) for f, n in zip(flat, sums, strict=True)}

    def cell_set(self, index: Ints) -> set[tuple[int, int]]:
        """Drawn cells that hold the elements `index`."""
        return {(int(f) // self.cell_columns, int(f) % self.cell_columns) for f in self._cell(index)}

    def _cell(self, index: Ints) -> Ints:
        return (index // self.columns // self.bin) * self.cell_columns + index % self.columns // self.bin


def array_grid(shape: tuple[int, ...]) -> Grid:
    """Grid of an array: matrices as they are, vectors wrapped, leading dimensions of others stacked."""
    size = max(math.prod(shape), 1)
    words = "×".join(map(str, shape)) or "scalar"
    if len(shape) <= 1:
        columns = size if size <= 8 else max(8, 1 << math.ceil(math.log2(size) / 2))
        if size > columns:
            words += f" in rows of {columns}"
    else:
        columns = max(shape[-1], 1)
    return _binned(size, columns, words)


def thread_grid(block: tuple[int, int, int]) -> Grid:
    """Grid of a block's threads: x across, y down, z slabs stacked; one dimension wraps as in an array."""
    x, y, z = block
    if y * z == 1:
        return array_grid((x,))
    words = "×".join(map(str, block[: 3 if z > 1 else 2]))
    return _binned(x * y * z, x, words)


def _binned(elements: int, columns: int, words: str) -> Grid:
    rows, side = -(-elements // columns), 1
    while max(rows, columns) > MOST_CELLS * side:
        side *= 2
    if side > 1:
        words += f", cell = {side}×{side}"
    return Grid(elements, rows, columns, side, words)
