"""Sections and attributes of a cubin, which is an ELF file (Tool Interface Standard, "ELF-64 Object File Format")."""

from __future__ import annotations

import struct
from dataclasses import dataclass

_NO_BITS = 8  # a section that occupies memory, but no space in the file
_SYMBOL_BYTES = 24

# Of .nv.info: an attribute with a size and so many bytes, and the one with pairs of a symbol and a count.
_SIZED = 4
_REGISTER_COUNT = 0x2F


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


def registers(cubin: bytes, function: str) -> int:
    """Registers per thread that the driver reserves for a function: its own, or more if it calls one that needs more.

    They are the attribute EIATTR_REGCOUNT of .nv.info, which NVIDIA's cuobjdump prints. Raises `KeyError`
    when the image has no such function.
    """
    found = sections(cubin)
    info = found[".nv.info"].content
    position = 0
    while position < len(info):
        form, attribute, size = struct.unpack_from("<BBH", info, position)
        position += 4
        if form != _SIZED:
            continue
        if attribute == _REGISTER_COUNT:
            symbol, count = struct.unpack_from("<II", info, position)
            if _symbol_name(found, symbol) == function:
                return int(count)
        position += size
    raise KeyError(function)


def _symbol_name(found: dict[str, Section], symbol: int) -> str:
    (name,) = struct.unpack_from("<I", found[".symtab"].content, symbol * _SYMBOL_BYTES)
    strings = found[".strtab"].content
    return strings[name : strings.index(b"\0", name)].decode()
