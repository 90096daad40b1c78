"""Memory instructions."""

from __future__ import annotations

from typing import Any

import numpy as np

from gpusim.machine.chunk import Chunk
from gpusim.machine.masks import Mask
from gpusim.memory.pattern import Pattern
from gpusim.memory.view import View
from gpusim.places import Site


class Access:
    """One warp-synchronous memory instruction of all active lanes of a chunk.

    `op` is "load", "store" or "atomic". Lanes access elements of `itemsize` bytes, `shift` bytes from where
    `pattern` says. `values` is what a store is about to write (a scalar or a vector of the element's type); it is
    None for other accesses, and once the store is done.
    """

    __slots__ = (
        "_addresses", "buffer", "chunk", "itemsize", "mask", "op", "pattern", "shift", "site", "values", "view"
    )  # fmt: skip

    def __init__(
        self,
        op: str,
        site: Site,
        view: View,
        pattern: Pattern,
        shift: int,
        mask: Mask,
        chunk: Chunk,
        values: Any = None,
    ) -> None:
        self.op = op
        self.site = site
        self.view = view
        self.buffer = view.buffer
        self.itemsize = view.dtype.itemsize
        self.pattern = pattern
        self.shift = shift
        self.mask = mask
        self.chunk = chunk
        self.values = values
        self._addresses: np.ndarray | int | None = None

    @property
    def addresses(self) -> np.ndarray | int:
        """Byte offsets in `buffer.storage`: one int when every active lane uses the same, otherwise an int64
        vector with one element per lane (undefined for inactive lanes)."""
        if self._addresses is None:
            self._addresses = self.pattern.at(self.shift)
        return self._addresses
