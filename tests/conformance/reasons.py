"""Why a test of `numba.cuda` fails: what a simulator cannot do, and what gpusim could do and does not."""

from __future__ import annotations

import re

_LINK = "calls code of another compiler (CUDA C++, PTX), or waits for it to be loaded, which takes a GPU"
_LIBRARY = "asks NVIDIA's driver library itself, past Numba: objects of cuda.core and cuda.bindings"
_MODULE = "loads compiled code (PTX, a cubin) into the device"
_CODE = "is about compiled code: assembler and LLVM IR that the compiler writes out on the way to a GPU"
_SOURCE = "runs a kernel whose source text is gone, which the simulator has to read"
_TYPES = "makes types of its own from LLVM code; the simulator runs LLVM code for numbers only (@intrinsic)"
_IPC = "shares device memory with another process, which the simulated driver does not do"
_STAMPS = "fails with these versions on a GPU, too: Numba and numba-cuda note a source file's age differently"
_MIXED = "prints from several threads, which Numba's simulator runs at once: their lines get mixed up now and then"
_EXPECTED = "is expected to fail on a GPU, and passes here"
_NVVM = "compiles with NVIDIA's NVVM library, which is not there, or too new for Numba's own numba.cuda (CUDA 13)"
_NUMBA_CUDA = "asks for compiled code (PTX, registers, ...), for which gpusim needs numba-cuda"
_LONG = "fills an array of 453 million elements, which takes gpusim longer than the limit of the tests"
_CHECKED = "makes a mistake that a GPU does not notice (an index out of bounds), and gpusim reports"

_BY_TEST = (
    (r"cudadrv/test_(linker|module_callbacks)|TestDeclareDevice|test_ffi|test_cffi|external_cooperative", _LINK),
    (r"TestAcceleratedArchitecture|TestExtendingLinkage|inspect_lto_asm", _LINK),
    (r"test_attached_non_primary|cuda_core_(stream|graph)|nrt_detect_linked_ptx_file", _LIBRARY),
    (r"test_cuda_driver_(basic|occupancy|stream_operations)|cache_config|shared_memory_carveout", _MODULE),
    (r"test_dump_(assembly|llvm)", _CODE),
    (r"test_missing_source", _SOURCE),
    (r"TestExtending::|TestLowLevelExtending|struct_model", _TYPES),
    (r"test_ipc", _IPC),
    (r"CUDAAndCPUCaching", _STAMPS),
    (r"TestException::test_exception|cpointer_arguments", _CHECKED),
    (r"test_ex_3d_grid", _LONG),
    (r"closure_and_nonlocal", "missing: `nonlocal` in functions inside kernels"),
    (r"TestOverloadPreferLiteral", "missing: overloads that are asked about constants (prefer_literal=True)"),
)
_BY_ERROR = (
    (r"Unexpected success", _EXPECTED),
    (r"NvvmError: Failed to verify|NvvmSupportError|libNVVM cannot be found", _NVVM),
    (r"needs numba-cuda, which has wheels", _NUMBA_CUDA),
)


def reason(mode: str, test: str, error: str) -> str | None:
    """The reason for a failed test, None if there is no known one; "missing" starts those that could be cured."""
    if mode == "numba" and "cudapy/test_print.py" in test:
        return _MIXED
    for pattern, why in _BY_TEST:
        if re.search(pattern, test):
            return why
    for pattern, why in _BY_ERROR:
        if re.search(pattern, error):
            return why
    return None
