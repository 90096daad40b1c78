"""Real device code for a GPU that need not be here: NVVM and nvJitLink as Numba uses them.

The numbers are ptxas's own (CUDA documentation, "ptxas --verbose"); no driver is involved.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from types import FunctionType
from typing import Any

from cuda.pathfinder import DynamicLibNotFoundError
from numba import cuda
from numba.cuda import types
from numba.cuda.core import sigutils
from numba.cuda.cudadrv.error import CCSupportError, NvvmSupportError
from numba.cuda.dispatcher import CUDADispatcher, _Kernel

from gpusim.cuda.host.compiler import real_compiler
from gpusim.errors import GpusimError, KernelError
from gpusim.hardware.cubin import sections
from gpusim.hardware.link import INSTALL, Linked, link
from gpusim.hardware.sass import notable_instructions
from gpusim.kernel import python_function

# Options of cuda.jit that change the code of a kernel.
_COMPILER_OPTIONS = ("debug", "lineinfo", "fastmath", "opt", "launch_bounds")


@dataclass(frozen=True)
class CompiledKernel:
    """The device code of one kernel for one signature and compute capability.

    Bytes are per block (`shared_bytes`), per module (`constant_bytes`: arrays of `cuda.const`), or per
    thread (`local_bytes`; `spill_*` is the traffic that the lack of registers causes). `cubin` is the
    ELF image that a driver would load.
    """

    name: str
    signature: str
    cc: str
    registers: int
    shared_bytes: int
    constant_bytes: int
    local_bytes: int
    spill_store_bytes: int
    spill_load_bytes: int
    cubin: bytes = field(repr=False)
    log: str = field(repr=False)
    _inputs: tuple[bytes, ...] = field(repr=False)

    @cached_property
    def instructions(self) -> dict[str, int]:
        """Loads and stores by width in bits, and tensor instructions: {"LDG.128": 4, "HMMA": 2, ...}."""
        return notable_instructions(self.cubin)

    @cached_property
    def ptx(self) -> str:
        """The PTX that the cubin was assembled from."""
        return link(self._inputs, self.cc, ptx=True).ptx

    def to_dict(self) -> dict[str, Any]:
        """The numbers, JSON-ready."""
        return {
            "kernel": self.name,
            "signature": self.signature,
            "cc": self.cc,
            "registers": self.registers,
            "shared_bytes": self.shared_bytes,
            "constant_bytes": self.constant_bytes,
            "local_bytes": self.local_bytes,
            "spill_store_bytes": self.spill_store_bytes,
            "spill_load_bytes": self.spill_load_bytes,
            "cubin_bytes": len(self.cubin),
            "instructions": self.instructions,
        }


def compile(kernel: Any, signature: Any, cc: str = "9.0") -> CompiledKernel:
    """Compile a kernel for a compute capability, without a GPU.

    `kernel` is a `@cuda.jit` dispatcher or a plain function, `signature` what `cuda.jit` accepts:
    "void(float32[:], int32)", a Numba signature or a tuple of types; `cc` is "major.minor".

    Raises `KernelError` when Numba or ptxas refuse the kernel, and `GpusimError` when the signature
    or `cc` cannot be read or NVIDIA's compiler libraries are not installed.
    """
    function = python_function(kernel)
    if function is None:
        raise GpusimError(f"cannot compile {kernel!r}: give a function decorated with @cuda.jit, or a plain function")
    capability = _capability(cc)
    argtypes = argument_types(signature)
    options = getattr(kernel, "targetoptions", {})
    chosen = {name: options[name] for name in _COMPILER_OPTIONS if options.get(name) is not None}
    inputs = _lto_ir(function, argtypes, capability, chosen)
    linked = link(inputs, cc, options.get("max_registers"))
    return _result(function.__name__, argtypes, cc, inputs, linked)


def _lto_ir(
    function: FunctionType, argtypes: tuple[types.Type, ...], capability: tuple[int, int], options: dict[str, Any]
) -> tuple[bytes, ...]:
    """The kernel and the CUDA C++ functions that it uses, as LTO-IR."""
    try:
        with real_compiler(capability):
            codes, _ = cuda.compile_all(
                function, argtypes, device=False, abi="numba", output="ltoir", cc=capability, **options
            )
    except CCSupportError as error:
        raise GpusimError(str(error)) from None
    except (DynamicLibNotFoundError, NvvmSupportError) as error:
        raise GpusimError(f"compiling for a GPU needs NVIDIA's compiler libraries: {INSTALL}") from error
    except Exception as error:  # Numba refuses kernels with exceptions of many types
        place = getattr(error, "loc", None)
        line = place.line if place is not None else function.__code__.co_firstlineno
        raise KernelError(
            f"{function.__code__.co_filename}:{line}: kernel '{function.__name__}' does not compile: "
            f"{_first_reason(error)}"
        ) from error
    return tuple(code if isinstance(code, bytes) else bytes(code.code) for code in codes)


def numba_kernel(kernel: CUDADispatcher, argtypes: tuple[types.Type, ...], cc: str = "9.0") -> _Kernel:
    """The object that Numba makes of a kernel, with its LLVM IR, PTX and types; it cannot be launched."""
    with real_compiler(_capability(cc)):
        return _Kernel(kernel.py_func, argtypes, **kernel.targetoptions)


def argument_types(signature: Any) -> tuple[types.Type, ...]:
    """The argument types of a signature; raises `GpusimError` when it cannot be read or returns a value."""
    try:
        argtypes, result = sigutils.normalize_signature(signature)
    except Exception as error:
        raise GpusimError(
            f'cannot read the signature {signature!r} ({error}): write it as "void(float32[:, :], int32)"'
        ) from None
    if result not in (None, types.void):
        raise GpusimError(f"the signature {signature!r} returns {result}, but a kernel returns nothing: use void(...)")
    return argtypes


def _result(name: str, argtypes: Any, cc: str, inputs: tuple[bytes, ...], linked: Linked) -> CompiledKernel:
    entry = linked.log.partition("Compiling entry function")[2]
    frame = _first(r"\d+ bytes stack frame.*", entry)
    used = _first(r"Used \d+ registers.*", entry)
    user_constants = sections(linked.cubin).get(".nv.constant3")
    return CompiledKernel(
        name=name,
        signature=f"void({', '.join(map(_type_text, argtypes))})",
        cc=cc,
        registers=_before(used, "registers"),
        shared_bytes=_before(used, "bytes smem"),
        constant_bytes=user_constants.size if user_constants else 0,
        local_bytes=_before(frame, "bytes stack frame"),
        spill_store_bytes=_before(frame, "bytes spill stores"),
        spill_load_bytes=_before(frame, "bytes spill loads"),
        cubin=linked.cubin,
        log=linked.log,
        _inputs=inputs,
    )


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[0] if match else ""


def _before(line: str, words: str) -> int:
    """The number that stands before these words; 0 when they are not there."""
    match = re.search(rf"(\d+) {words}", line)
    return int(match[1]) if match else 0


def _type_text(argtype: types.Type) -> str:
    """A type as signatures write it: float32[:, ::1]."""
    if not isinstance(argtype, types.Array):
        return str(argtype.name)
    extents = [":"] * argtype.ndim
    if argtype.ndim and argtype.layout in "CF":
        extents[-1 if argtype.layout == "C" else 0] = "::1"
    return f"{_type_text(argtype.dtype)}[{', '.join(extents)}]"


def _capability(cc: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d+)\.(\d)", cc)
    if match is None:
        raise GpusimError(f"compute capability '{cc}' is not of the form major.minor, such as 9.0")
    return int(match[1]), int(match[2])


def _first_reason(error: Exception) -> str:
    """Of Numba's long message, the sentence that says what is wrong."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith(("Failed in", "File ", "During:", "<source", "-"))]
    call = next((line.removeprefix(">>> ") for line in lines if line.startswith(">>>")), "")
    return " ".join(filter(None, (said[0] if said else type(error).__name__, call)))
