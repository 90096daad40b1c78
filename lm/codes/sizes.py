"""What well-known compressors make of the same bytes."""

from __future__ import annotations

import gzip
import lzma


def xz(data: bytes) -> int:
    """Bytes after xz at its highest level."""
    return len(lzma.compress(data, preset=9))


def others(data: bytes) -> dict[str, int | None]:
    """Bytes after gzip, xz and zstd at their highest levels; None where the package zstandard is missing."""
    try:
        import zstandard
    except ModuleNotFoundError:
        zstd = None
    else:
        zstd = len(zstandard.ZstdCompressor(level=22).compress(data))
    return {"gzip": len(gzip.compress(data, 9)), "xz": xz(data), "zstd": zstd}
