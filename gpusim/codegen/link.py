"""nvJitLink: from LTO-IR to a cubin, with what ptxas says about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cuda.bindings import nvjitlink
from numba.cuda.cudadrv import nvvm
from numba.cuda.cudadrv.libs import get_cudalib

from gpusim.errors import GpusimError, KernelError
from gpusim.kernel.dialects import NUMBA

# What a grid barrier calls; it is in CUDA's device runtime library.
_GRID_BARRIER = "cudaCGGetIntrinsicHandle"


@dataclass(frozen=True)
class Linked:
    """What the linker returned: a cubin or PTX, and its messages."""

    cubin: bytes
    ptx: str
    log: str


class _Refused(Exception):
    """The linker's message about code that it does not link."""


def libraries_load() -> bool:
    """Are NVIDIA's NVVM and nvJitLink installed, which make code for a GPU?"""
    try:
        nvjitlink.version()
    except Exception:  # of another class for each reason why a library does not load
        return False
    return bool(nvvm.is_available())


def link(inputs: tuple[bytes, ...], cc: str, max_registers: int | None = None, ptx: bool = False) -> Linked:
    """Link LTO-IR modules into code for compute capability `cc` ("major.minor").

    Raises `KernelError` with the linker's own message when it refuses, and `GpusimError` when the
    nvJitLink library is not installed.
    """
    options = [f"-arch=sm_{cc.replace('.', '')}", "-lto", "-verbose"]
    if max_registers:
        options.append(f"-maxrregcount={max_registers}")
    if ptx:
        options.append("-ptx")
    try:
        try:
            return _link(inputs, options)
        except _Refused as refused:
            if _GRID_BARRIER not in str(refused):
                raise
            return _link(inputs, options, get_cudalib("cudadevrt", static=True))
    except _Refused as refused:
        raise KernelError(f"nvJitLink refuses the kernel for compute capability {cc}: {refused}") from None


def _link(inputs: tuple[bytes, ...], options: list[str], library: str | None = None) -> Linked:
    handle = _create(options)
    try:
        for index, code in enumerate(inputs):
            nvjitlink.add_data(handle, nvjitlink.InputType.LTOIR, code, len(code), f"input{index}")
        if library is not None:
            nvjitlink.add_file(handle, nvjitlink.InputType.LIBRARY, library)
        nvjitlink.complete(handle)
        log = _text(handle, nvjitlink.get_info_log_size, nvjitlink.get_info_log)
        if "-ptx" in options:
            return Linked(b"", _text(handle, nvjitlink.get_linked_ptx_size, nvjitlink.get_linked_ptx), log)
        return Linked(_bytes(handle, nvjitlink.get_linked_cubin_size, nvjitlink.get_linked_cubin), "", log)
    except nvjitlink.nvJitLinkError as error:
        log = _text(handle, nvjitlink.get_error_log_size, nvjitlink.get_error_log)
        raise _Refused(" ".join(log.split()) or str(error)) from None
    finally:
        nvjitlink.destroy(handle)


def _create(options: list[str]) -> int:
    try:
        return nvjitlink.create(len(options), options)
    except nvjitlink.nvJitLinkError as error:
        raise _Refused(str(error)) from None
    except Exception as error:
        raise GpusimError(f"linking GPU code needs NVIDIA's nvJitLink: {NUMBA.install}") from error


def _bytes(handle: int, size: Callable[[int], int], get: Callable[[int, Any], Any]) -> bytes:
    buffer = bytearray(size(handle))
    get(handle, buffer)
    return bytes(buffer)


def _text(handle: int, size: Callable[[int], int], get: Callable[[int, Any], Any]) -> str:
    return _bytes(handle, size, get).decode(errors="replace").rstrip("\0")
