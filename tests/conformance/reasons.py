"""Why a test of numba-cuda fails: what a simulator cannot do, and what gpusim could do and does not."""

from __future__ import annotations

import re

_LINK = "links or calls code of another compiler (CUDA C++, PTX, cubin), which only a GPU can run"
_DRIVER = "calls the CUDA driver itself: contexts, modules, its allocators and deallocation queue"
_CODE = "is about compiled code: PTX, SASS, LLVM IR, its metadata, debug output of the compiler"
_TYPING = "expects an error or warning of Numba's compiler: type inference does not run on the simulator"
_CACHE = "is about files with compiled code: there is none to cache"
_COMPILER = "extends Numba's compiler with LLVM code, or tests its passes"
_EXPECTED = "is expected to fail on a GPU, and passes here"
_LACK = "wants an error because Numba's simulator lacks the feature, which gpusim has"
_CHECKED = "expects the error of a GPU, or none; gpusim reports the mistake with an error of its own"

_BY_TEST = (
    (r"TestCudasimUnsupportedAlignment", _LACK),
    (r"cudadrv/test_(linker|module_callbacks)|TestDeclareDevice|test_ffi|test_cffi|external_cooperative", _LINK),
    (r"TestAcceleratedArchitecture|TestExtendingLinkage|doesnt_link|cannot_cache_linking", _LINK),
    (r"cudadrv/test_(context_stack|cuda_driver|cuda_memory|deallocations|emm_plugins|host_alloc|init)", _DRIVER),
    (r"cudadrv/test_(managed_alloc|events)|test_ipc|test_ownership|no_transfer_for_device_data", _DRIVER),
    (r"CudaArraySetting::test_sync", _DRIVER),
    (r"test_(debug|debuginfo|fastmath|inspect|optimization|lineinfo)\.py|test_inspect_|test_ptx", _CODE),
    (r"test_carray|test_farray", _CODE),
    (r"test_caching|launch_config_sensitive", _CACHE),
    (r"test_analysis|test_extending|test_extending_types|struct_model", _COMPILER),
    (r"test_errors|test_undefined_var|too_many_args|test_invalid_aligments|TestLaunchBounds::test_too_many", _TYPING),
    (r"test_explicit_signatures_device|not_supported_call_from_jit|test_cpu_dispatcher_invalid", _TYPING),
    (r"TestLaunchBounds|TestException::test_exception|device_func_as_kernel|cpointer_arguments", _CHECKED),
    (r"test_warning", "missing: warnings about transfers of host arrays (there are no transfers)"),
    (r"test_serialize", "missing: pickling of kernels while gpusim is installed"),
    (r"test_multiprocessing", "missing: launches in a process forked from one that has used the simulator"),
    (r"test_ex_3d_grid", "missing: racecheck in less than 20 bytes for each byte of a 1.8 GB array"),
    (r"test_record_alignment_error", "missing: the check that fields of a record are aligned"),
    (r"nrt/", "missing: arrays of a length that a thread computes"),
)
_BY_ERROR = (
    (r"TypingError not raised|NumbaWarning not triggered", _TYPING),
    (r"DynamicLibNotFoundError|SimulatedDriver|'Context' object has no attribute", _DRIVER),
    (r"Unexpected success", _EXPECTED),
    (r"links other GPU code", _LINK),
    (r"'SimulatedDeviceFunction' object has no|'SimulatedKernel' object has no", _CODE),
    (r"Lists differ: \['-42", "prints from several threads at once, whose lines get mixed up now and then"),
)


def reason(mode: str, test: str, error: str) -> str | None:
    """The reason for a failed test, None if there is no known one; "missing" starts those that could be cured."""
    for pattern, why in _BY_TEST:
        if re.search(pattern, test):
            return why
    for pattern, why in _BY_ERROR:
        if re.search(pattern, error):
            return why
    return None
