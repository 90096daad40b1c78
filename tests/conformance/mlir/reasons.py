"""Why a test of numba-cuda fails on numba-cuda-mlir with gpusim as the GPU."""

from __future__ import annotations

import re

_ABSENT = "numba-cuda-mlir does not have it (vectorize, gufuncs, LLVM IR, some functions that compile)"
_OTHERWISE = "numba-cuda-mlir does it otherwise than numba-cuda (signatures, options, versions)"
_CODE = "is about compiled code (PTX, LLVM IR, debug information), which numba-cuda-mlir makes otherwise"
_LINK = "links or calls code of another compiler (CUDA C++, PTX, cubin), which only a GPU can run"
_DRIVER = "calls the CUDA driver itself: contexts, modules, inter-process memory"
_TYPING = "expects an error or warning of the compiler: its type inference does not run on the simulator"
_COMPILER = "extends the compiler with types or code of its own, or tests its passes"
_TYPES = "compares a type of the host side, which is numba-cuda's here"
_WARNING = "expects a warning about a slow launch: there are none on the simulator"
_CACHE = "is about files with compiled code: there is none to cache"
_SIMULATOR = "gpusim lacks it for numba-cuda as well (see table.txt)"

_BY_TEST = (
    (r"test_caching", _CACHE),
    (r"cudadrv/test_(linker|module_callbacks)|test_ffi|test_cffi|DeclareDevice|external_cooperative", _LINK),
    (r"cudadrv/test_(context_stack|cuda_driver|events|deallocations)|test_ipc", _DRIVER),
    (r"test_(debug|debuginfo|debuginfo_types|fastmath|lineinfo|optimization|inline|inspect)\.py", _CODE),
    (r"_ptx\b|_ptx_|codegen|test_inspect_|in_lto|atomic_add_double_global|test_const_array_3d|native_cast", _CODE),
    (r"test_compiler", _CODE),
    (r"test_cuda_devicerecord|test_dummyarray", _TYPES),
    (r"test_analysis|struct_model|struct_data_model|test_const_string", _COMPILER),
    (r"test_invalid_aligments|test_errors|test_exception", _TYPING),
    (r"test_cache_version", _OTHERWISE),
    (r"test_inefficient|warn_on_host_array|pinned_warn", _WARNING),
    (r"warn_on_debug|atomic_sub3|const_mode_val|test_cuda_array_interface", _OTHERWISE),
    (r"test_carray|test_farray|test_ex_3d_grid|record_alignment_error|nrt/", _SIMULATOR),
)
_BY_ERROR = (
    (r"vectorize is not implemented|_library_class|To be implemented|not used on the MLIR path", _ABSENT),
    (r"inspect_llvm is not supported|does not generate LLVM IR|cannot import name|has no attribute", _ABSENT),
    (r"(TypingError|LoweringError) not raised|NumbaWarning not triggered", _TYPING),
    (r"Unexpected success", "is expected to fail on a GPU, and passes here"),
)


def reason(test: str, error: str) -> str | None:
    """The reason for a failed test, None if there is no known one."""
    by_error = next((why for pattern, why in _BY_ERROR if re.search(pattern, error)), None)
    return by_error or next((why for pattern, why in _BY_TEST if re.search(pattern, test)), None)
