"""What is known of a kernel that was compiled without a GPU: ptxas's numbers and the machine code.

The numbers are ptxas's own (CUDA documentation, "ptxas --verbose"); no driver is involved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any

from gpusim.codegen.cubin import registers, sections
from gpusim.codegen.sass import notable_instructions
from gpusim.errors import KernelError
from gpusim.places import spot

_RESERVED_SHARED = 1024
"""Bytes that the image reserves for the system in a block's shared memory, from compute capability 9.0 on."""


@dataclass(frozen=True)
class CompiledKernel:
    """The device code of one kernel for one signature and compute capability.

    Bytes are per block (`shared_bytes`), per module (`constant_bytes`: arrays of `cuda.const`), or per
    thread (`local_bytes`; `spill_*` is the traffic that the lack of registers causes). `package` is the
    one that compiled it, numba-cuda or numba-cuda-mlir; `cubin` is the ELF image that a driver would load.
    """

    name: str
    signature: str
    cc: str
    package: str
    registers: int
    shared_bytes: int
    constant_bytes: int
    local_bytes: int
    spill_store_bytes: int
    spill_load_bytes: int
    cubin: bytes = field(repr=False)
    log: str = field(repr=False)
    _make_ptx: Callable[[], str] = field(repr=False)

    @cached_property
    def instructions(self) -> dict[str, int]:
        """Loads and stores by width in bits, and tensor instructions: {"LDG.128": 4, "HMMA": 2, ...}.

        Of the functions that were compiled for this kernel; those of CUDA's own libraries do not count.
        """
        return notable_instructions(self.cubin, compiled_functions(self.log))

    @cached_property
    def ptx(self) -> str:
        """The PTX that the cubin was assembled from."""
        return self._make_ptx()

    def to_dict(self) -> dict[str, Any]:
        """The numbers, JSON-ready."""
        return {
            "kernel": self.name,
            "signature": self.signature,
            "cc": self.cc,
            "package": self.package,
            "registers": self.registers,
            "shared_bytes": self.shared_bytes,
            "constant_bytes": self.constant_bytes,
            "local_bytes": self.local_bytes,
            "spill_store_bytes": self.spill_store_bytes,
            "spill_load_bytes": self.spill_load_bytes,
            "cubin_bytes": len(self.cubin),
            "instructions": self.instructions,
        }


def compiled_kernel(
    name: str, argtypes: Any, cc: str, package: str, cubin: bytes, log: str, make_ptx: Callable[[], str]
) -> CompiledKernel:
    """Read an image and what ptxas said when it assembled it."""
    entry = log.partition("Compiling entry function '")[2]
    function = entry.partition("'")[0]
    frame = _first(r"\d+ bytes stack frame.*", entry)
    user_constants = sections(cubin).get(".nv.constant3")
    return CompiledKernel(
        name=name,
        signature=f"void({', '.join(map(type_text, argtypes))})",
        cc=cc,
        package=package,
        registers=registers(cubin, function),
        shared_bytes=_shared_bytes(cubin, function, cc),
        constant_bytes=user_constants.size if user_constants else 0,
        local_bytes=_before(frame, "bytes stack frame"),
        spill_store_bytes=_before(frame, "bytes spill stores"),
        spill_load_bytes=_before(frame, "bytes spill loads"),
        cubin=cubin,
        log=log,
        _make_ptx=make_ptx,
    )


def compiled_functions(log: str) -> set[str]:
    """The functions that ptxas compiled, as the image names them."""
    return set(re.findall(r"^ptxas info\s*: Function properties for (\S+)$", log, re.MULTILINE))


def _shared_bytes(cubin: bytes, entry: str, cc: str) -> int:
    """Bytes of the section with the static shared arrays, without what the system reserves."""
    section = sections(cubin).get(f".nv.shared.{entry}")
    if section is None:
        return 0
    return section.size - (_RESERVED_SHARED if float(cc) >= 9 else 0)


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[0] if match else ""


def _before(line: str, words: str) -> int:
    """The number that stands before these words; 0 when they are not there."""
    match = re.search(rf"(\d+) {words}", line)
    return int(match[1]) if match else 0


def type_text(argtype: Any) -> str:
    """A type as signatures write it: float32[:, ::1]."""
    layout = getattr(argtype, "layout", None)
    if layout is None:
        return str(argtype.name)
    extents = [":"] * argtype.ndim
    if argtype.ndim and layout in "CF":
        extents[-1 if layout == "C" else 0] = "::1"
    return f"{type_text(argtype.dtype)}[{', '.join(extents)}]"


def refusal(function: FunctionType, error: BaseException) -> KernelError:
    """What a compiler says about a kernel that it refuses, in one sentence with the place."""
    place = getattr(error, "loc", None)
    line = place.line if place is not None else function.__code__.co_firstlineno
    return KernelError(
        f"{spot(function.__code__.co_filename, line)}: kernel '{function.__name__}' does not compile: "
        f"{_first_reason(error)}"
    )


def _first_reason(error: BaseException) -> str:
    """Of Numba's long message, the sentence that says what is wrong."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "File ", "During:", "<source", "-"))]
    call = next((line.removeprefix(">>> ") for line in lines if line.startswith(">>>")), "")
    return " ".join(filter(None, (said[0] if said else type(error).__name__, call)))
