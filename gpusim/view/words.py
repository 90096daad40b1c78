"""Indices and extents in words, as titles and labels use them."""

from __future__ import annotations

Extent = tuple[int, int, int]


def extent_words(extent: Extent) -> str:
    """`2 × 2`, without trailing dimensions of size one."""
    return " × ".join(map(str, extent[: _used(extent)]))


def index_words(linear: int, extent: Extent) -> str:
    """`(1, 0)` for a linear index, x first, with as many coordinates as `extent` needs; one alone is bare."""
    x, y, z = linear % extent[0], linear // extent[0] % extent[1], linear // (extent[0] * extent[1])
    used = _used(extent)
    return f"({', '.join(map(str, (x, y, z)[:used]))})" if used > 1 else str(x)


def _used(extent: Extent) -> int:
    return 3 if extent[2] > 1 else 2 if extent[1] > 1 else 1
