"""A chunk: consecutive thread blocks that run in lockstep, one lane per thread."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from gpusim.machine.masks import Mask
from gpusim.places import Place, Site

Dim = tuple[int, int, int]


class Index3:
    """`threadIdx` and its kin: three int32 components, uniform or per lane."""

    __slots__ = ("x", "y", "z")

    def __init__(self, x: np.ndarray | np.generic, y: np.ndarray | np.generic, z: np.ndarray | np.generic) -> None:
        self.x = x
        self.y = y
        self.z = z

    def components(self) -> tuple[np.ndarray | np.generic, ...]:
        return self.x, self.y, self.z


class Geometry:
    """What all chunks of one size share: where each lane sits in its block."""

    def __init__(self, block: Dim, blocks: int) -> None:
        self.block = block
        self.blocks = blocks
        self.threads = block[0] * block[1] * block[2]
        self.lanes = blocks * self.threads

    @cached_property
    def everyone(self) -> Mask:
        """The mask of all lanes."""
        return Mask.everyone(self.blocks, self.threads)

    def repeated(self, of_thread: np.ndarray | np.generic) -> np.ndarray | np.generic:
        """What is known of each thread of a block, for each lane."""
        if not isinstance(of_thread, np.ndarray):
            return of_thread
        return np.tile(of_thread, self.blocks)

    @cached_property
    def thread(self) -> np.ndarray:
        """Linear thread id in the block of each lane, int64."""
        return np.tile(np.arange(self.threads, dtype=np.int64), self.blocks)

    @cached_property
    def block_of_lane(self) -> np.ndarray:
        """Number of each lane's block within the chunk, int64."""
        return np.repeat(np.arange(self.blocks, dtype=np.int64), self.threads)

    @cached_property
    def lane_id(self) -> np.ndarray:
        """Position of each lane in its warp, int32."""
        return np.tile(np.arange(self.threads, dtype=np.int32) % 32, self.blocks)

    @cached_property
    def warp_starts(self) -> np.ndarray:
        """The lane that starts each warp, int64 (warps)."""
        return np.flatnonzero(self.lane_id == 0)

    @cached_property
    def warp(self) -> np.ndarray:
        """Number of each lane's warp within the chunk, int64."""
        return np.cumsum(self.lane_id == 0) - 1

    @cached_property
    def warp_lanes(self) -> np.ndarray:
        """The lanes that each lane's warp has, as a 32-bit set, uint32."""
        return np.bitwise_or.reduceat(np.uint32(1) << self.lane_id.astype(np.uint32), self.warp_starts)[self.warp]

    @cached_property
    def index_in_block(self) -> Index3:
        """The indices of a block's threads, one element (or none) for each of them."""
        return unravel(np.arange(self.threads), self.block)

    @cached_property
    def thread_index(self) -> Index3:
        return Index3(*map(self.repeated, self.index_in_block.components()))


class Chunk:
    """Blocks `first_block` to `first_block + geometry.blocks - 1` of a grid."""

    def __init__(self, geometry: Geometry, grid: Dim, first_block: int) -> None:
        self.geometry = geometry
        self.grid = grid
        self.block = geometry.block
        self.first_block = first_block
        self.blocks = geometry.blocks
        self.threads = geometry.threads
        self.lanes = geometry.lanes
        self._positions: dict[int, np.ndarray | np.generic] = {}

    @property
    def thread_index(self) -> Index3:
        return self.geometry.thread_index

    @cached_property
    def block_index(self) -> Index3:
        return Index3(*(self._per_lane(part) for part in self._blocks.components()))

    @cached_property
    def _blocks(self) -> Index3:
        """The indices of the chunk's blocks, one element (or none) for each block."""
        return unravel(np.arange(self.first_block, self.first_block + self.blocks), self.grid)

    def _per_lane(self, part: np.ndarray | np.generic) -> np.ndarray | np.generic:
        """What is known of each block, for each lane."""
        if not isinstance(part, np.ndarray):
            return part
        spread: np.ndarray = np.broadcast_to(part[:, np.newaxis], (self.blocks, self.threads))
        return spread.reshape(-1)

    @cached_property
    def linear_block(self) -> np.ndarray:
        """Linear block id in the grid of each lane, int64."""
        return self.geometry.block_of_lane + self.first_block

    def position(self, axis: int) -> np.ndarray | np.generic:
        """threadIdx + blockIdx * blockDim along one axis, int64."""
        found = self._positions.get(axis)
        if found is None:
            found = self._positions[axis] = self._position(axis)
        return found

    def _position(self, axis: int) -> np.ndarray | np.generic:
        starts = self._blocks.components()[axis].astype(np.int64) * self.block[axis]
        within = self.geometry.index_in_block.components()[axis].astype(np.int64)
        if not isinstance(starts, np.ndarray) and not isinstance(within, np.ndarray):
            return starts + within
        both = np.empty((self.blocks, self.threads), dtype=np.int64)
        np.add(np.reshape(starts, (-1, 1)), within, out=both)
        return both.reshape(-1)

    def where(self, lane: int) -> tuple[Dim, Dim]:
        """((x, y, z) of the block, (x, y, z) of the thread) of a lane."""
        block, thread = divmod(lane, self.threads)
        return coordinates(block + self.first_block, self.grid), coordinates(thread, self.block)

    def place(self, site: Site, lane: int) -> Place:
        """A lane at a site."""
        return Place(site, *self.where(lane))


def coordinates(linear: int, extent: Dim) -> Dim:
    """Linear id, x fastest, to (x, y, z)."""
    return linear % extent[0], linear // extent[0] % extent[1], linear // (extent[0] * extent[1])


def unravel(linear: np.ndarray, extent: Dim) -> Index3:
    """Linear ids, x fastest, to three int32 components; components of extent 1 stay uniform."""
    zero = np.int32(0)
    width, height, depth = extent
    narrow = linear.astype(np.int32) if width * height * depth < 2**31 else linear
    x = zero if width == 1 else (narrow if height == depth == 1 else narrow % width)
    y = zero if height == 1 else (narrow // width if depth == 1 else narrow // width % height)
    z = zero if depth == 1 else narrow // (width * height)
    return Index3(*(part.astype(np.int32, copy=False) for part in (x, y, z)))
