"""Launch configurations, and the limits that a GPU sets them.

Source of the limits: CUDA C++ Programming Guide, table "Technical Specifications per Compute
Capability" (the values are the same for compute capabilities 7.5 to 12.0).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from gpusim.errors import KernelError
from gpusim.machine.chunk import Dim

MAX_THREADS_PER_BLOCK = 1024
MAX_BLOCK: Dim = (1024, 1024, 64)
MAX_GRID: Dim = (2**31 - 1, 65535, 65535)
MAX_DYNAMIC_SHARED = 227 * 1024


@dataclass(frozen=True)
class Configuration:
    """`[grid, block, stream, dynamic_shared]` of a launch; shared memory in bytes."""

    grid: Dim
    block: Dim
    dynamic_shared: int = 0

    @property
    def threads(self) -> int:
        """Threads of the whole grid."""
        return math.prod(self.grid) * math.prod(self.block)

    @staticmethod
    def of(given: Any, kernel: str) -> Configuration:
        """Read what stands in the launch's brackets; raises `KernelError` with the limit it breaks."""
        if not isinstance(given, tuple) or not 2 <= len(given) <= 4:
            raise KernelError(f"launch kernel '{kernel}' as kernel[grid, block](...), with at least those two")
        grid = _extent(given[0], "grid", kernel)
        block = _extent(given[1], "block", kernel)
        shared = given[3] if len(given) == 4 else 0
        if not isinstance(shared, (int, np.integer)) or not 0 <= shared <= MAX_DYNAMIC_SHARED:
            raise KernelError(
                f"launch of '{kernel}': dynamic shared memory is {shared!r}; "
                f"it must be a number of bytes from 0 to {MAX_DYNAMIC_SHARED:,}"
            )
        _within(grid, MAX_GRID, "grid", "blocks", kernel)
        _within(block, MAX_BLOCK, "block", "threads", kernel)
        threads = block[0] * block[1] * block[2]
        if threads > MAX_THREADS_PER_BLOCK:
            raise KernelError(
                f"launch of '{kernel}': block {_short(block)} has {threads:,} threads; "
                f"a GPU allows {MAX_THREADS_PER_BLOCK:,} (use more, smaller blocks)"
            )
        return Configuration(grid, block, int(shared))


def _extent(given: Any, what: str, kernel: str) -> Dim:
    """An int or up to three ints as (x, y, z)."""
    parts = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    whole = [isinstance(part, (int, np.integer)) and not isinstance(part, bool) for part in parts]
    if not 1 <= len(parts) <= 3 or not all(whole):
        raise KernelError(f"launch of '{kernel}': the {what} is {given!r}; it must be an int or up to three ints")
    x, y, z = (*(int(part) for part in parts), 1, 1)[:3]
    return x, y, z


def _within(extent: Dim, limit: Dim, what: str, of_what: str, kernel: str) -> None:
    for axis, size, most in zip("xyz", extent, limit, strict=True):
        if size < 1:
            raise KernelError(
                f"launch of '{kernel}': {what} {_short(extent)} has {size} {of_what} along {axis}; it needs at least 1"
            )
        if size > most:
            raise KernelError(
                f"launch of '{kernel}': {what} {_short(extent)} has {size:,} {of_what} along {axis}; "
                f"a GPU allows {most:,}"
            )


def _short(extent: Dim) -> str:
    return str(extent[0]) if extent[1:] == (1, 1) else str(extent)
