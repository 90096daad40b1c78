"""Launches, as far as observers need to know them."""

from __future__ import annotations

from typing import Any

from gpusim.machine.chunk import Dim
from gpusim.memory.buffer import Array


class Launched:
    """Grid and block as (x, y, z); `arrays` grows while the kernel makes shared, local and constant arrays.

    `complete`: all threads have come to their end. At the `end` of a launch that an error stopped, it is False.
    """

    def __init__(self, grid: Dim, block: Dim, arrays: dict[Any, Array]) -> None:
        self.grid = grid
        self.block = block
        self.arrays = arrays
        self.complete = False

    @property
    def blocks(self) -> int:
        return self.grid[0] * self.grid[1] * self.grid[2]

    @property
    def threads_per_block(self) -> int:
        return self.block[0] * self.block[1] * self.block[2]
