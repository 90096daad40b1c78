"""How kernels with one thread per element of a matrix are launched."""

from __future__ import annotations

from typing import Any

from lm.kernels.operation import Block, Grid, tiles

WIDTH = 32  # threads along a row: neighbours in a warp touch neighbours in memory
HEIGHT = 8


def launch_elements(out: Any, *_: Any) -> tuple[Grid, Block]:
    """A thread for each element of the matrix `out`; x is the column, y the row."""
    rows, columns = out.shape
    return (tiles(columns, WIDTH), tiles(rows, HEIGHT), 1), (WIDTH, HEIGHT, 1)
