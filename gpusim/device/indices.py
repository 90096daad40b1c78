"""Where a thread is: threadIdx and its kin, grid(), gridsize(), laneid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.machine.chunk import Index3
from gpusim.places import Site
from gpusim.simt.lanes import Lanes


def _thread_idx(t: Lanes) -> Index3:
    return t.chunk.thread_index


def _block_idx(t: Lanes) -> Index3:
    return t.chunk.block_index


def _block_dim(t: Lanes) -> Index3:
    return Index3(*map(np.int32, t.chunk.block))


def _grid_dim(t: Lanes) -> Index3:
    return Index3(*map(np.int32, t.chunk.grid))


def _lane_id(t: Lanes) -> Any:
    return t.schedule.own(t.chunk.geometry.lane_id)


def _warp_size(t: Lanes) -> np.int32:
    return np.int32(32)


def grid(t: Lanes, site: Site, ndim: Any) -> Any:
    """`cuda.grid(n)`: the thread's position in the whole grid, int64."""
    return _per_dimension(site, ndim, [t.chunk.position(axis) for axis in range(_dimensions(site, ndim))])


def gridsize(t: Lanes, site: Site, ndim: Any) -> Any:
    """`cuda.gridsize(n)`: threads of the whole grid along each axis, int64."""
    sizes = [np.int64(t.chunk.grid[axis] * t.chunk.block[axis]) for axis in range(_dimensions(site, ndim))]
    return _per_dimension(site, ndim, sizes)


def _dimensions(site: Site, ndim: Any) -> int:
    count = int(ndim)
    if count not in (1, 2, 3):
        raise KernelError(f"`{site.text}`: the number of dimensions is 1, 2 or 3, not {count}", site)
    return count


def _per_dimension(site: Site, ndim: Any, values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else tuple(values)


SPECIAL = {
    "threadIdx": _thread_idx,
    "blockIdx": _block_idx,
    "blockDim": _block_dim,
    "gridDim": _grid_dim,
    "laneid": _lane_id,
    "warpsize": _warp_size,
}
FUNCTIONS: dict[str, Callable[..., Any]] = {"grid": grid, "gridsize": gridsize}
