"""Machine instructions of a cubin: how wide its loads and stores are, and whether it uses tensor cores.

NVIDIA does not document the encoding. Since compute capability 7.0 an instruction has 128 bits; the
lowest nine name the operation (the next three the kinds of its operands), and bits 73 to 75 the width of
an access. `tests/gpusim/test_sass.py` establishes every code in the tables below: it assembles PTX that
must become these instructions and reads them back.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Collection

from gpusim.codegen.cubin import sections

_MEMORY = {0x181: "LDG", 0x184: "LDS", 0x186: "STG", 0x188: "STS"}
_BITS = {0: 8, 1: 8, 2: 16, 3: 16, 4: 32, 5: 64, 6: 128}
_TENSOR = {0x03C: "HMMA", 0x037: "IMMA", 0x03F: "DMMA", 0x1F0: "HGMMA"}


def notable_instructions(cubin: bytes, functions: Collection[str] | None = None) -> dict[str, int]:
    """How often each access and tensor instruction stands in the code: {"LDG.128": 4, "HMMA": 2, ...}.

    `functions`: count in these only; None counts in all.
    """
    found: Counter[str] = Counter()
    for name, section in sections(cubin).items():
        if not name.startswith(".text.") or (functions is not None and name.removeprefix(".text.") not in functions):
            continue
        for low, high in struct.iter_unpack("<QQ", section.content):
            operation = low & 0x1FF
            if operation in _MEMORY:
                found[f"{_MEMORY[operation]}.{_BITS.get(high >> 9 & 7, 0)}"] += 1
            elif operation in _TENSOR:
                found[_TENSOR[operation]] += 1
    return dict(sorted(found.items()))
