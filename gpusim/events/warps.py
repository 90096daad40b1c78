"""Operations of several threads together: warp operations, and barriers that only some have reached."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gpusim.events.whereabouts import Search
from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.places import Site


@dataclass(frozen=True, eq=False, slots=True)
class WarpCall:
    """A vote, shuffle, match or `syncwarp` of the active lanes `mask`.

    For each lane of the chunk a uint32, one bit per lane of its warp: `named` is the mask argument, `present`
    the lanes that execute the operation, `alive` those that exist and have not returned. `elsewhere`: lanes may
    also meet at different places in the source. `search` says where a lane is that is not there.
    """

    site: Site
    mask: Mask
    chunk: Chunk
    named: np.ndarray
    present: np.ndarray
    alive: np.ndarray
    elsewhere: bool
    search: Search


@dataclass(frozen=True, eq=False, slots=True)
class IncompleteBarrier:
    """Of some blocks only the threads `arrived` (bool, (blocks, threads)) execute a barrier; `exited` have returned.

    `scope` is "block" or "grid". `search` says where a lane is that is not there.
    """

    site: Site
    chunk: Chunk
    arrived: np.ndarray
    exited: Mask | None
    scope: str
    search: Search
