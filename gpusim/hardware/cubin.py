"""Sections of a cubin, which is an ELF file (Tool Interface Standard, "ELF-64 Object File Format")."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_NO_BITS = 8  # a section that occupies memory, but no space in the file


@dataclass(frozen=True)
class Section:
    """Bytes in the file (none for zeroed memory such as shared arrays) and bytes on the device."""

    content: bytes
    size: int


def sections(cubin: bytes) -> dict[str, Section]:
    """Every section by name; raises `ValueError` when this is no 64-bit little-endian ELF file."""
    if cubin[:6] != b"\x7fELF\x02\x01":
        raise ValueError("not a 64-bit little-endian ELF file")
    (table,) = struct.unpack_from("<Q", cubin, 0x28)
    entry_size, count, names = struct.unpack_from("<HHH", cubin, 0x3A)
    headers = [struct.unpack_from("<IIQQQQIIQQ", cubin, table + k * entry_size) for k in range(count)]
    strings = headers[names][4]
    found = {}
    for name, kind, _, _, offset, size, *_ in headers:
        end = cubin.index(b"\0", strings + name)
        content = b"" if kind == _NO_BITS else cubin[offset : offset + size]
        found[cubin[strings + name : end].decode()] = Section(content, size)
    return found
